import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'

type Env = Readonly<Record<string, string | undefined>>
type Names = readonly (string | RegExp)[]

/** What a call needs of devk's environment, besides what its program always gets. */
export interface EnvironmentNeeds {
  /** Names of variables. */
  readonly needs?: readonly string[] | undefined
  /** The program fetches with the logins of the user, which it may get from the environment. */
  readonly fetches?: boolean | undefined
}

/** Names what a devk in the background has started, so that the next devk finds what it left when it was killed. */
export const backgroundMark = 'DEVK_BACKGROUND'

/** What every program gets: where it finds programs and files, how it writes, and the way to the network. */
const everywhere: Names = [
  backgroundMark,
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LANGUAGE', 'TZ', 'TERM', 'COLORTERM', 'NO_COLOR', 'COLUMNS'],
  ...['TMPDIR', 'TMP', 'TEMP', 'LD_LIBRARY_PATH', 'LOCALE_ARCHIVE', 'GODEBUG', 'GOMAXPROCS'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NIX_SSL_CERT_FILE'],
  ...['CURL_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'],
  ...[/^(https?|all|no|ftp)_proxy$/i, /^LC_/, /^XDG_/, /^WSL/, /^(SYSTEMROOT|WINDIR|PATHEXT|APPDATA|USERPROFILE)$/i],
]

const ssh = /^SSH_(AUTH_SOCK|AGENT_PID|ASKPASS\w*)$/
const engine: Names = [/^DOCKER_/, ssh]
const charts: Names = [/^HELM_/, 'DOCKER_CONFIG']
const apt: Names = [/^(APT|DEBIAN|DEBOOTSTRAP|NEEDRESTART)_/]
/** No tokens: npm reads those of its user from files. */
const npm: Names = [/^npm_config_(registry|userconfig|globalconfig|ca|cafile|strict_ssl|(https_|no)?proxy|cache)$/i]
const pip: Names = [/^PIP_/]
const desktop: Names = [
  ...[/^(DBUS|WAYLAND|GTK|QT|KDE|GNOME|DESKTOP)_/, 'DISPLAY', 'XAUTHORITY', 'SESSION_MANAGER', 'BROWSER'],
]

/** What programs document that they read. */
const programs: Readonly<Record<string, Names>> = {
  docker: [...engine, /^BUILD(X|KIT)_/, 'SOURCE_DATE_EPOCH'],
  dockerd: [/^(DOCKER|DBUS)_/],
  kind: [...engine, /^KIND_/],
  minikube: [...engine, /^MINIKUBE_/],
  helm: charts,
  kubectl: charts,
  kustomize: charts,
  go: [/^GO(?!OGLE)/, /^CGO_/, /^GIT_/, 'NETRC', ssh],
  systemctl: [/^DBUS_/],
  'xdg-open': desktop,
  open: desktop,
  explorer: desktop,
  'apt-get': apt,
  'apt-cache': apt,
  'apt-config': apt,
  debootstrap: apt,
  npm,
  pip,
  pip3: pip,
  python3: pip,
}

const clouds = /^(AWS|GOOGLE|CLOUDSDK|GCLOUD|AZURE|ACR|ALIBABA_CLOUD|OCI)_/
const git: Names = [/^GIT_/, ssh, 'NETRC', 'GITHUB_TOKEN', 'GH_TOKEN', 'GITLAB_TOKEN', 'CI_JOB_TOKEN']

/**
 * Logins that programs use to fetch: plugins of Helm get charts from buckets, and kustomize starts git, whose
 * credential helpers read tokens.
 */
const logins: Readonly<Record<string, Names>> = {
  helm: [clouds],
  kubectl: [clouds, ...git],
  kustomize: [clouds, ...git],
}

/** Programs that start the one that their arguments name. */
const wrappers = ['timeout', 'nice', 'sudo']

/** Credential helpers that keep logins in a store of the operating system, and read none from the environment. */
const keychains = /^(desktop|osxkeychain|wincred|secretservice)(\.exe)?$/

/**
 * The environment of a program that devk starts: what this program documents that it reads, and no token of the
 * user's shell. docs/threat-model.md has the rules.
 */
export async function childEnvironment(
  command: string,
  args: readonly string[],
  env: Env,
  { needs = [], fetches = false }: EnvironmentNeeds,
): Promise<Env> {
  const name = programOf(command, args)
  // Nobody but a helper knows what it reads. Docker and Helm start it with their own environment.
  if (name.startsWith('docker-credential-') || (fetches && (await hasHelper(env)))) return env
  return pick(env, [...everywhere, ...(programs[name] ?? []), ...(fetches ? (logins[name] ?? []) : []), ...needs])
}

/** The same for a program that fetches nothing. Pure. */
export function plainEnvironment(command: string, args: readonly string[], env: Env, needs: Names = []): Env {
  return pick(env, [...everywhere, ...(programs[programOf(command, args)] ?? []), ...needs])
}

function programOf(command: string, args: readonly string[]): string {
  const name = basename(command)
  if (!wrappers.includes(name)) return name
  return args.map((arg) => basename(arg)).find((arg) => Object.hasOwn(programs, arg)) ?? name
}

function pick(env: Env, names: Names): Env {
  const wanted = (name: string) => names.some((each) => (typeof each === 'string' ? each === name : each.test(name)))
  return Object.fromEntries(Object.entries(env).filter(([name]) => wanted(name)))
}

/** Whether the user's configuration of Docker names a helper that may read its login from the environment. */
async function hasHelper(env: Env): Promise<boolean> {
  const file = join(env.DOCKER_CONFIG ?? join(env.HOME ?? homedir(), '.docker'), 'config.json')
  try {
    const { credsStore, credHelpers } = JSON.parse(await readFile(file, 'utf8'))
    const named = [credsStore, ...Object.values(credHelpers ?? {})].filter((helper) => typeof helper === 'string')
    return named.some((helper) => helper !== '' && !keychains.test(helper))
  } catch {
    return false
  }
}

/** What compilers, build tools and the managers of their versions read. */
const toolchains: Names = [
  /^(GO(?!OGLE)|CGO_|CARGO_|RUST|JAVA_|JDK_|MAVEN_|MVN_|GRADLE_|KOTLIN_|SBT_|DOTNET_|NUGET_|NODE_|NPM_|npm_|PNPM_)/,
  /^(YARN_|BUN_|COREPACK_|NVM_|VOLTA_|FNM_|SDKMAN_|ASDF_|MISE_|RBENV_|PYENV_|NIX_|CCACHE_|SCCACHE_|PKG_CONFIG|CMAKE_)/,
  /^(CC|CXX|CPP|LD|AR|AS|RANLIB|STRIP|MAKEFLAGS|C(XX|PP)?FLAGS|LDFLAGS|(LD_)?LIBRARY_PATH|C(PLUS)?_INCLUDE_PATH)$/,
]
/** What ko, pack, Bazel and the clients of the engine read. */
const builders: Names = [/^(DOCKER|BUILDX|BUILDKIT|KO|PACK|BAZEL|BAZELISK|NIXPACKS)_/, 'SOURCE_DATE_EPOCH']
const logIn = /TOKEN|PASSWORD|PASSWD|SECRET|AUTH|CREDENTIAL|_KEY$/i

/** What a compiler on this machine needs of the environment besides what each program gets. No logins. Pure. */
export function toolchainEnvironment(env: Env): Readonly<Record<string, string>> {
  return withoutLogins(pick(env, toolchains))
}

/** What a program on this machine needs that makes images: a compiler's variables, and those of the engine. Pure. */
export function builderEnvironment(env: Env): Readonly<Record<string, string>> {
  return withoutLogins(pick(env, [...toolchains, ...builders]))
}

function withoutLogins(picked: Env): Readonly<Record<string, string>> {
  const found = Object.entries(picked)
  return Object.fromEntries(
    found.flatMap(([name, value]) => (value === undefined || logIn.test(name) ? [] : [[name, value]])),
  )
}
