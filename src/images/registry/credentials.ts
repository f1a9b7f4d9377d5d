import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { RegistryCredentials } from '../../engine/image-api.ts'
import { DevkError } from '../../errors.ts'
import type { Runner } from '../../exec/runner.ts'

/** Returns the credentials that `docker login` stored for the host of a registry; undefined when there are none. */
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
 * Reads the configuration of Docker ($DOCKER_CONFIG/config.json) and calls the credential helper that it names.
 * Credentials are passed to the engine and not stored. The source throws LOAD_FAILED when a helper cannot be run.
 */
export function credentialSource({ env, runner, signal }: CredentialDeps): CredentialSource {
  return async (host) => {
    const config = await dockerConfig(join(env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker'), 'config.json'))
    const server = host === 'docker.io' ? dockerHub : host
    const helper = config.credHelpers?.[server] ?? config.credsStore
    if (helper !== undefined) return fromHelper(helper, server, runner, signal)
    const kept = Object.entries(config.auths ?? {}).find(([key]) => hostOf(key) === hostOf(server))?.[1]
    if (kept?.auth === undefined) return undefined
    const [username = '', ...rest] = Buffer.from(kept.auth, 'base64').toString().split(':')
    const token = kept.identitytoken === undefined ? {} : { identitytoken: kept.identitytoken }
    return { username, password: rest.join(':'), ...token }
  }
}

/** The name under which `docker login` stores the login to Docker Hub. */
const dockerHub = 'https://index.docker.io/v1/'

/** The host in a key of Docker's configuration, which may be an address. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
}

async function dockerConfig(file: string): Promise<DockerConfig> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  try {
    return JSON.parse(text) as DockerConfig
  } catch (cause) {
    throw new DevkError('LOAD_FAILED', `${file} is not valid JSON`, { cause })
  }
}

/**
 * A helper fails for a host without stored credentials. Protocol: https://github.com/docker/docker-credential-helpers
 */
async function fromHelper(
  helper: string,
  host: string,
  runner: Pick<Runner, 'run'>,
  signal: AbortSignal,
): Promise<RegistryCredentials | undefined> {
  const program = `docker-credential-${helper}`
  const { exitCode, stdout } = await runner.run(program, ['get'], { input: host, signal })
  if (exitCode === 127) {
    throw new DevkError('LOAD_FAILED', `The credential helper ${program} of Docker's configuration cannot be run`, {
      hint: 'Install it, or run docker login again.',
    })
  }
  if (exitCode !== 0) return undefined
  const answer = JSON.parse(stdout) as { Username?: string; Secret?: string }
  // In the protocol of the helpers, this name means that the secret is an identity token.
  if (answer.Username === '<token>') return { username: '', password: '', identitytoken: answer.Secret ?? '' }
  return { username: answer.Username ?? '', password: answer.Secret ?? '' }
}
