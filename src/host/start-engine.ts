import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DevkError } from '../errors.ts'
import { plainEnvironment } from '../exec/environment.ts'
import type { Runner } from '../exec/runner.ts'

/** What starting the engine needs. */
export interface StartDeps {
  readonly runner: Runner
  /** devk's state folder, for the engine's log. */
  readonly stateFolder: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether the engine answers; called repeatedly until it does. */
  readonly answers: (signal: AbortSignal) => Promise<boolean>
  readonly say: (line: string) => void
  readonly signal: AbortSignal
  /** More arguments for dockerd, such as another socket and data root. */
  readonly args?: readonly string[]
}

/**
 * Starts the engine so that it keeps running after devk ends: with systemd where available, otherwise dockerd in its
 * own session. Throws ENGINE_UNAVAILABLE with the last lines of its log when it ends, or does not answer within a
 * minute.
 */
export async function startEngine(deps: StartDeps): Promise<void> {
  if (deps.args === undefined && existsSync('/run/systemd/system')) return startService(deps)
  const { stateFolder, say, env, signal } = deps
  await mkdir(stateFolder, { recursive: true, mode: 0o700 })
  const log = join(stateFolder, 'dockerd.log')
  say(`starting dockerd (log: ${log})`)
  const file = await open(log, 'a', 0o600)
  const from = (await file.stat()).size
  try {
    const child = spawn('dockerd', [...(deps.args ?? [])], {
      cwd: '/',
      detached: true,
      env: { ...plainEnvironment('dockerd', [], env) },
      stdio: ['ignore', file.fd, file.fd],
    })
    const ended = new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('exit', (code) => resolve(`it ended with exit code ${code}`))
    })
    const reason = await Promise.race([ended, answering(deps)])
    if (reason !== undefined) {
      const said = (await readFile(log)).subarray(from).toString().trim().split('\n').slice(-8)
      throw unavailable(reason, said, `See the full log: ${log}`)
    }
    child.removeAllListeners()
    child.unref()
  } finally {
    await file.close()
    signal.throwIfAborted()
  }
}

async function startService(deps: StartDeps): Promise<void> {
  const { runner, say, signal } = deps
  say('starting docker.service')
  const { exitCode, stderr } = await runner.run('systemctl', ['start', 'docker'], { signal })
  const reason = exitCode === 0 ? await answering(deps) : `systemctl ended with exit code ${exitCode}`
  if (reason !== undefined) throw unavailable(reason, stderr.trim().split('\n'), 'See its log: journalctl -u docker')
}

/** undefined once the engine answers; after a minute the reason why not. */
async function answering({ answers, signal }: StartDeps): Promise<string | undefined> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; ) {
    if (await answers(signal)) return undefined
    await sleep(250, undefined, { signal })
  }
  return 'it did not answer within a minute'
}

function unavailable(reason: string, said: readonly string[], hint: string): DevkError {
  return new DevkError('ENGINE_UNAVAILABLE', `The Docker engine did not start: ${reason}`, {
    details: said.filter((line) => line !== '').map((line) => `  ${line}`),
    hint,
  })
}
