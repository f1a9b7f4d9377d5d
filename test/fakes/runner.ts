import type { Runner, RunResult } from '../../src/exec/runner.ts'

export interface FakeRunner extends Runner {
  /** Command lines in the order of their calls. */
  readonly calls: readonly string[]
}

/** A runner that answers these command lines and throws on any other. A text is the standard output, a number the exit code. */
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
