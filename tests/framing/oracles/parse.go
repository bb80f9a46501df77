// Reads HTTP messages with Go's net/http: JSON in, JSON out, see __init__.py. Each input is a connection of its own.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

type input struct {
	method string
	bytes  []byte
}

type result struct {
	Messages [][3]any `json:"messages"`
	Error    any      `json:"error"`
}

// A connection that says its bytes and then nothing more.
type said struct {
	net.Conn
	unread *bytes.Reader
	heard  *result
	closed chan struct{}
}

func (s *said) Read(into []byte) (int, error)    { return s.unread.Read(into) }
func (s *said) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (s *said) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (s *said) SetDeadline(time.Time) error      { return nil }
func (s *said) SetReadDeadline(time.Time) error  { return nil }
func (s *said) SetWriteDeadline(time.Time) error { return nil }

// What the server answers by itself to what it cannot read.
func (s *said) Write(from []byte) (int, error) {
	if bytes.HasPrefix(from, []byte("HTTP/1.1 4")) || bytes.HasPrefix(from, []byte("HTTP/1.1 5")) {
		s.heard.Error = string(from[9:12])
	}
	return len(from), nil
}

func (s *said) Close() error {
	select {
	case <-s.closed:
	default:
		close(s.closed)
	}
	return nil
}

type queue struct{ connections chan net.Conn }

func (q *queue) Accept() (net.Conn, error) {
	connection, open := <-q.connections
	if !open {
		return nil, net.ErrClosed
	}
	return connection, nil
}
func (q *queue) Close() error   { return nil }
func (q *queue) Addr() net.Addr { return &net.TCPAddr{} }

type key struct{}

func requests(inputs []input) []*result {
	var results []*result
	accepted := &queue{make(chan net.Conn)}
	server := &http.Server{
		ErrorLog: log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, connection net.Conn) context.Context {
			return context.WithValue(ctx, key{}, connection)
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			heard := r.Context().Value(key{}).(*said).heard
			body, err := io.ReadAll(r.Body)
			message := [3]any{r.Method, r.RequestURI, body}
			if err != nil {
				message[2] = nil
				heard.Error = err.Error()
			}
			heard.Messages = append(heard.Messages, message)
		}),
	}
	go server.Serve(accepted)
	for _, each := range inputs {
		heard := &result{Messages: [][3]any{}}
		connection := &said{unread: bytes.NewReader(each.bytes), heard: heard, closed: make(chan struct{})}
		accepted.connections <- connection
		<-connection.closed
		results = append(results, heard)
	}
	return results
}

func responses(inputs []input) []*result {
	var results []*result
	for _, each := range inputs {
		heard := &result{Messages: [][3]any{}}
		reader := bufio.NewReader(bytes.NewReader(each.bytes))
		for {
			answer, err := http.ReadResponse(reader, &http.Request{Method: each.method})
			if err != nil {
				if err != io.ErrUnexpectedEOF && err != io.EOF || len(heard.Messages) == 0 {
					heard.Error = err.Error()
				}
				break
			}
			body, err := io.ReadAll(answer.Body)
			message := [3]any{fmt.Sprint(answer.StatusCode), "", body}
			if err != nil {
				message[2] = nil
				heard.Error = err.Error()
			}
			if answer.StatusCode >= 200 {
				heard.Messages = append(heard.Messages, message)
			}
			if _, err := reader.Peek(1); err != nil {
				break
			}
		}
		results = append(results, heard)
	}
	return results
}

func main() {
	var asked struct {
		Kind   string              `json:"kind"`
		Inputs [][]json.RawMessage `json:"inputs"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal(err)
	}
	var inputs []input
	for _, pair := range asked.Inputs {
		var each input
		if json.Unmarshal(pair[0], &each.method) != nil || json.Unmarshal(pair[1], &each.bytes) != nil {
			log.Fatal("an input is a method and bytes")
		}
		inputs = append(inputs, each)
	}
	read := responses
	if asked.Kind == "requests" {
		read = requests
	}
	if err := json.NewEncoder(os.Stdout).Encode(read(inputs)); err != nil {
		log.Fatal(err)
	}
}
