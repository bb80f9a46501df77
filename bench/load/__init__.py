"""What drives the contenders: a script of wrk and a program of its own."""
