import type { Runner, RunResult } from '../../src/exec/runner.ts'

export interface FakeRunner extends Runner {
  /** Command lines in the order they ran. */
  readonly calls: readonly string[]
}

/** A strict runner: each command line has its answer, and any other fails the test. A text is stdout; a number an exit code. */
export function fakeRunner(answers: Readonly<Record<string, string | number | Partial<RunResult>>>): FakeRunner {
  const calls: string[] = []
  return {
    calls,
    async run(command, args) {
      const line = [command, ...args].join(' ')
      calls.push(line)
      const answer = answers[line]
      if (answer === undefined) throw new Error(`unexpected command: ${line}`)
      const nothing = { exitCode: 0, stdout: '', stderr: '' }
      if (typeof answer === 'string') return { ...nothing, stdout: answer }
      return { ...nothing, ...(typeof answer === 'number' ? { exitCode: answer } : answer) }
    },
    spawn(command) {
      throw new Error(`unexpected program: ${command}`)
    },
  }
}
