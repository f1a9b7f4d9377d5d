//go:build linux

package main

import (
	"debug/buildinfo"
	"debug/elf"
	"debug/gosym"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// report is what devk wants to know about the program under Delve. src/debug/go/report.ts reads it.
type report struct {
	Pid  int      `json:"pid"`
	Argv []string `json:"argv"`
	Cwd  string   `json:"cwd"`
	// Go is the version that has compiled the program.
	Go string `json:"go"`
	// Flags are those of the compiler (-gcflags).
	Flags string `json:"flags"`
	// Symbols tells whether the program has the data that debuggers need.
	Symbols bool `json:"symbols"`
	// Main is the file with the function main, as the compiler saw it.
	Main string `json:"main"`
}

// look writes the program of this container that Delve traces, as JSON behind `devk:`.
func look(out io.Writer) error {
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if !isTraced(folder) {
			continue
		}
		found, err := inspect(folder)
		if err != nil {
			return err
		}
		text, err := json.Marshal(found)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "devk:%s\n", text)
		return err
	}
	return errors.New("no program of this container runs under Delve")
}

func isTraced(folder string) bool {
	status, _ := os.ReadFile(filepath.Join(folder, "status"))
	_, rest, _ := strings.Cut(string(status), "TracerPid:\t")
	line, _, _ := strings.Cut(rest, "\n")
	return line != "" && line != "0"
}

func inspect(folder string) (report, error) {
	pid, _ := strconv.Atoi(filepath.Base(folder))
	argv, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
	cwd, _ := os.Readlink(filepath.Join(folder, "cwd"))
	found := report{Pid: pid, Argv: strings.Split(strings.TrimRight(string(argv), "\x00"), "\x00"), Cwd: cwd}
	program := filepath.Join(folder, "exe")
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return found, err
	}
	found.Go = info.GoVersion
	for _, setting := range info.Settings {
		if setting.Key == "-gcflags" {
			found.Flags = setting.Value
		}
	}
	file, err := elf.Open(program)
	if err != nil {
		return found, err
	}
	defer file.Close()
	found.Symbols = file.Section(".debug_info") != nil || file.Section(".zdebug_info") != nil
	found.Main = mainFile(file)
	return found, nil
}

// mainFile finds the file with the function main in the table that each Go program has; empty if it cannot be read.
func mainFile(file *elf.File) string {
	lines, text := file.Section(".gopclntab"), file.Section(".text")
	if lines == nil {
		lines = file.Section(".data.rel.ro.gopclntab")
	}
	if lines == nil || text == nil {
		return ""
	}
	data, err := lines.Data()
	if err != nil {
		return ""
	}
	table, err := gosym.NewTable(nil, gosym.NewLineTable(data, text.Addr))
	if err != nil {
		return ""
	}
	function := table.LookupFunc("main.main")
	if function == nil {
		return ""
	}
	path, _, _ := table.PCToLine(function.Entry)
	return path
}
