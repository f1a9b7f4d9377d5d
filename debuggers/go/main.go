//go:build linux

// Command debugger runs a Go program of a container under Delve. devk builds it on the user's machine, and an init container copies it into
// a volume beside the image of the service.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// name is that of this program in the volume. src/debug/go/pods.ts has the same.
const name = "delve"

func main() {
	code, err := command(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "devk:", err)
	}
	os.Exit(code)
}

// command does what the arguments say and returns the exit code: install FOLDER, run ADDRESS COMMAND..., look.
func command(args []string) (int, error) {
	var err error
	switch {
	case len(args) == 2 && args[0] == "install":
		err = copySelf(filepath.Join(args[1], name))
	case len(args) > 2 && args[0] == "run":
		return run(args[1], args[2:])
	case len(args) == 1 && args[0] == "look":
		err = look(os.Stdout)
	default:
		err = errors.New("usage: delve install FOLDER | run ADDRESS COMMAND... | look")
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
