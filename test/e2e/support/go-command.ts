import { execaRunner } from '../../../src/exec/runner.ts'
import { builtGo, hostGo } from '../../../src/kit/find-go.ts'
import { statePaths } from '../../../src/state/paths.ts'

/** The go command of this machine, or of the kit. Rejects without one: a test that cannot run is a failure. */
export async function goCommand(): Promise<string> {
  const go =
    (await hostGo(execaRunner(process.env), new AbortController().signal)) ??
    (await builtGo(statePaths(process.env).cache))
  if (go === undefined) throw new Error('no Go: install Go 1.24, or run devk kit build')
  return go
}
