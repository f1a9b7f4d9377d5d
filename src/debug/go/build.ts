import type { GoProgramBuild } from '../../agent/build.ts'
import { builtGoProgram } from '../../agent/build.ts'
import { DevkError } from '../../errors.ts'
import { goSettings } from '../../kit/go-modules.ts'

/**
 * Builds Delve for Linux on `arch` (Go's name of the architecture) from the folder `source`, unless the cache contains
 * it. Go checks each module against the go.sum there. Returns the path of the program. Throws TOOL_MISSING without Go,
 * and DEBUG_UNAVAILABLE with the output of the compiler.
 */
export function builtDelve(
  build: Pick<GoProgramBuild, 'runner' | 'cacheDir' | 'findGo'>,
  source: string,
  arch: string,
  signal: AbortSignal,
): Promise<string> {
  // Go fetches the newer Go that Delve asks for by itself, and checks it.
  const env = { ...goSettings, GOTOOLCHAIN: 'auto' }
  return builtGoProgram({ ...build, name: 'delve', env, failed }, source, arch, signal)
}

function failed(output: string | undefined): DevkError {
  if (output === undefined) {
    return new DevkError(
      'TOOL_MISSING',
      'Go is not installed on this machine; devk builds its debugger, Delve, with it',
      {
        hint: 'Install Go 1.24 or newer: https://go.dev/doc/install',
      },
    )
  }
  return new DevkError('DEBUG_UNAVAILABLE', 'Delve, the debugger for Go, cannot be built on this machine', {
    details: output.trim().split('\n').slice(-5),
    hint: 'If modules cannot be fetched, check GOPROXY with go env.',
  })
}
