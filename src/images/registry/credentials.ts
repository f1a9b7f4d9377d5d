import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { RegistryCredentials } from '../../engine/image-api.ts'
import { DevkError } from '../../errors.ts'
import type { Runner } from '../../exec/runner.ts'

/** Gives what `docker login` kept for a registry's host; undefined when it kept nothing. */
export type CredentialSource = (host: string) => Promise<RegistryCredentials | undefined>

interface CredentialDeps {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly runner: Pick<Runner, 'run'>
  readonly signal: AbortSignal
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, { readonly auth?: string; readonly identitytoken?: string }>>
  readonly credHelpers?: Readonly<Record<string, string>>
  readonly credsStore?: string
}

/**
 * Reads Docker's own configuration ($DOCKER_CONFIG/config.json) and asks the credential helper that it names. Values are handed to the engine
 * and kept nowhere. The source throws LOAD_FAILED when a helper cannot be run.
 */
export function credentialSource({ env, runner, signal }: CredentialDeps): CredentialSource {
  return async (host) => {
    const config = await dockerConfig(join(env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker'), 'config.json'))
    const helper = config.credHelpers?.[host] ?? config.credsStore
    if (helper !== undefined) return fromHelper(helper, host, runner, signal)
    const kept = config.auths?.[host] ?? config.auths?.[`https://${host}`]
    if (kept?.auth === undefined) return undefined
    const [username = '', ...rest] = Buffer.from(kept.auth, 'base64').toString().split(':')
    const token = kept.identitytoken === undefined ? {} : { identitytoken: kept.identitytoken }
    return { username, password: rest.join(':'), ...token }
  }
}

async function dockerConfig(file: string): Promise<DockerConfig> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  try {
    return JSON.parse(text) as DockerConfig
  } catch (cause) {
    throw new DevkError('LOAD_FAILED', `${file} is no JSON`, { cause })
  }
}

/** A helper ends with an error for a host that it knows nothing of. */
async function fromHelper(
  helper: string,
  host: string,
  runner: Pick<Runner, 'run'>,
  signal: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  const program = `docker-credential-${helper}`
  const { exitCode, stdout } = await runner.run(program, ['get'], { input: host, signal })
  if (exitCode === 127) {
    throw new DevkError('LOAD_FAILED', `${program}, which Docker's configuration names, cannot be run`, {
      hint: 'Install it, or run docker login again.',
    })
  }
  if (exitCode !== 0) return undefined
  const answer = JSON.parse(stdout) as { Username?: string; Secret?: string }
  // By the helpers' protocol this name says that the secret is an identity token.
  if (answer.Username === '<token>') return { username: '', password: '', identitytoken: answer.Secret ?? '' }
  return { username: answer.Username ?? '', password: answer.Secret ?? '' }
}
