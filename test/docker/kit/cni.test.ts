import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { hostGo } from '../../../src/kit/gobuild.ts'
import { runner, temporaryKit } from './engine.ts'

/** Where `devk kit build` has put Debian's Go, on a machine that has none of its own. */
async function debianGo(): Promise<string> {
  const cache = process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '', '.cache')
  const { stdout } = await runner.run('sh', ['-c', `ls -d '${cache}'/devk/kit/go-*/lib/go-1.24/bin/go`])
  return stdout.trim()
}

test("the rules of the kit's network: the Go tests of what is computed and of what is written", async () => {
  const { deps, remove } = await temporaryKit('FROM scratch\n')
  try {
    const source = fileURLToPath(new URL('../../../kit/go/cni', import.meta.url))
    const copy = join(deps.cacheDir, 'cni')
    await cp(source, copy, { recursive: true })
    const go = (await hostGo(deps, AbortSignal.timeout(10_000))) ?? (await debianGo())
    // As the kit compiles it, so that the packages come out of Go's cache.
    const args = ['test', '-trimpath', '-vet=off', '-count=1', '-v', './policy', './table']
    const { exitCode, stdout, stderr } = await runner.run(go, args, { cwd: copy, env: { CGO_ENABLED: '0' } })
    expect(exitCode, stdout + stderr).toBe(0)
    expect(stdout.match(/^ *--- PASS/gm)?.length).toBeGreaterThan(30)
  } finally {
    await remove()
  }
})
