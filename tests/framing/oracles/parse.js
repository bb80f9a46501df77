// Reads HTTP messages with Node's own parser: JSON in, JSON out, see __init__.py. Each input is a connection of its own.
"use strict";
const http = require("node:http");
const { Duplex } = require("node:stream");

// A connection that says these bytes and then nothing more, and listens to nothing.
function connection(bytes) {
  const stream = new Duplex({
    allowHalfOpen: true,
    read() {
      this.push(bytes);
      this.push(null);
    },
    write(chunk, encoding, done) {
      done();
    },
  });
  stream.setTimeout = stream.setNoDelay = stream.setKeepAlive = stream.ref = stream.unref = () => stream;
  return stream;
}

function collect(message, done) {
  const parts = [];
  message.on("data", (part) => parts.push(part));
  message.on("end", () => done(Buffer.concat(parts), message.complete));
  message.on("error", () => {});
}

function requests(bytes) {
  return new Promise((resolve) => {
    const result = { messages: [], error: null };
    const options = { maxHeaderSize: 1 << 20, keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 1 << 30 };
    const server = http.createServer(options);
    const answer = (request, response) => {
      const message = [request.method, request.url, null];
      result.messages.push(message);
      collect(request, (body, complete) => {
        message[2] = complete ? body.toString("base64") : null;
        response.end();
      });
    };
    server.on("request", answer);
    server.on("checkContinue", answer);
    server.on("checkExpectation", answer);
    server.on("clientError", (error, socket) => {
      result.error = error.code;
      socket.destroy();
    });
    const socket = connection(bytes);
    socket.on("close", () => {
      server.close();
      resolve(result);
    });
    server.emit("connection", socket);
  });
}

function response(bytes, method) {
  return new Promise((resolve) => {
    const socket = connection(bytes);
    const finish = (result) => {
      socket.destroy();
      resolve(result);
    };
    const request = http.request({ method, createConnection: () => socket, insecureHTTPParser: false, maxHeaderSize: 1 << 20 });
    request.on("response", (message) => {
      message.on("aborted", () => finish({ messages: [], error: "aborted" }));
      collect(message, (body, complete) =>
        finish({ messages: [[String(message.statusCode), "", complete ? body.toString("base64") : null]], error: null }),
      );
    });
    request.on("upgrade", () => finish({ messages: [], error: "upgrade" }));
    request.on("error", (error) => finish({ messages: [], error: error.code || String(error) }));
    request.end();
  });
}

async function main() {
  const parts = [];
  for await (const part of process.stdin) parts.push(part);
  const batch = JSON.parse(Buffer.concat(parts));
  const results = [];
  for (const [method, bytes] of batch.inputs) {
    const buffer = Buffer.from(bytes, "base64");
    results.push(await (batch.kind === "requests" ? requests(buffer) : response(buffer, method)));
  }
  process.stdout.write(JSON.stringify(results), () => process.exit(0));
}

main();
