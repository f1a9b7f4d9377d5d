import { join, relative, sep } from 'node:path'
import { readEnvFile } from '../lib/env-file.ts'
import { ignorePatterns } from '../lib/ignore/patterns.ts'
import { nearest } from '../lib/text.ts'
import { isFolderContext, serviceOfContext } from './build-contexts.ts'
import { chartMistake, isRemoteChart } from './chart-source.ts'
import { type Rule, type RuleContext, shownPath } from './context.ts'
import { isKustomization } from './overlay.ts'
import type { ConfigPath, Problem } from './problems.ts'
import type { Build, Secret } from './schema.ts'

/** Checks that build contexts, Dockerfiles, and the files of build secrets and certificates exist. */
export const buildFiles: Rule = (context) =>
  builds(context).flatMap(([path, build]) => {
    const { disk, env } = context
    const at = (...keys: (string | number)[]) => [...path, ...keys]
    if (disk.kind(build.context) !== 'folder') return [missing(context, at('context'), 'folder', build.context)]
    const problems: Problem[] = []
    if (!context.given(at('command')) && disk.kind(build.dockerfile) !== 'file') {
      problems.push(missing(context, at('dockerfile'), 'file', build.dockerfile))
    }
    if (typeof build.caCertificates === 'string' && disk.kind(build.caCertificates) !== 'file') {
      problems.push(missing(context, at('caCertificates'), 'file', build.caCertificates))
    }
    for (const [name, source] of Object.entries(build.contexts)) {
      if (isFolderContext(source) && disk.kind(source) !== 'folder') {
        problems.push(missing(context, at('contexts', name), 'folder', source))
      }
      const service = serviceOfContext(source)
      if (service === undefined || context.config.services[service]?.build !== undefined) continue
      const message = `refers to "${service}", which is not a service with a build`
      const near = nearest(service, Object.keys(context.config.services))
      problems.push({ path: at('contexts', name), message, fix: near && `did you mean "service:${near}"?` })
    }
    build.ssh.forEach((entry, i) => {
      const files = /^[^=]*=(.*)$/.exec(entry)?.[1]?.split(',') ?? []
      for (const file of files) {
        if (disk.kind(file) === undefined) problems.push(missing(context, at('ssh', i), 'file', file))
      }
    })
    for (const [id, secret] of Object.entries(build.secrets)) {
      const where = at('secrets', id)
      if ((secret.file === undefined) === (secret.env === undefined)) {
        problems.push({ path: where, message: 'must have either file or env' })
      } else if (secret.file !== undefined && disk.kind(secret.file) !== 'file') {
        problems.push(missing(context, [...where, 'file'], 'file', secret.file))
      } else if (secret.env !== undefined && env[secret.env] === undefined) {
        const message = `refers to ${secret.env}, which is not set in the environment`
        problems.push({ path: [...where, 'env'], message })
      }
    }
    return problems
  })

/** Checks that manifests, kustomizations and charts exist. */
export const deployFiles: Rule = (context) => {
  const { config, disk } = context
  const problems: Problem[] = []
  config.deploy.manifests.forEach((path, i) => {
    if (disk.kind(path) !== undefined || disk.matches(path)) return
    problems.push({
      path: ['deploy', 'manifests', i],
      message: `refers to ${shownPath(context, path)}, which does not exist`,
    })
  })
  const kustomizations: [ConfigPath, string][] = [
    ...config.deploy.kustomize.map((folder, i): [ConfigPath, string] => [['deploy', 'kustomize', i], folder]),
    ...Object.entries(config.deploy.overlays).flatMap(([name, folders]) =>
      folders.map((folder): [ConfigPath, string] => [['deploy', 'overlays', name], folder]),
    ),
  ]
  for (const [path, folder] of kustomizations) {
    if (disk.kind(folder) !== 'folder') problems.push(missing(context, path, 'folder', folder))
    else if (!isKustomization(disk, folder)) {
      problems.push({ path, message: `refers to ${shownPath(context, folder)}, which contains no kustomization.yaml` })
    }
  }
  config.deploy.helm.forEach((release, i) => {
    const path = ['deploy', 'helm', i]
    const mistake = chartMistake(release)
    if (mistake !== undefined) {
      const { key, message, fix } = mistake
      problems.push({ path: [...path, key], message, fix })
    }
    const kind = isRemoteChart(release) ? 'remote' : disk.kind(release.chart)
    if (kind === undefined || (kind === 'folder' && disk.kind(join(release.chart, 'Chart.yaml')) !== 'file')) {
      problems.push({
        path: [...path, 'chart'],
        message: `refers to ${shownPath(context, release.chart)}, which is not a Helm chart`,
      })
    }
    release.values.forEach((file, n) => {
      if (disk.kind(file) !== 'file') problems.push(missing(context, [...path, 'values', n], 'file', file))
    })
  })
  return problems
}

/** Checks that .env files or their replacements exist, and set the keys that the configuration selects. */
export const envFiles: Rule = (context) => {
  const { config } = context
  const sources: [ConfigPath, Pick<Secret, 'fromEnvFile' | 'orElse' | 'keys'>][] = [
    ...Object.entries(config.secrets).map(([name, secret]) => [['secrets', name], secret] as [ConfigPath, Secret]),
    ...Object.entries(config.externals).flatMap(([name, { secret }]): [ConfigPath, Omit<Secret, 'namespace'>][] =>
      secret === undefined ? [] : [[['externals', name, 'secret'], secret]],
    ),
  ]
  return sources.flatMap(([path, source]) => envFileProblems(context, path, source))
}

function envFileProblems(
  context: RuleContext,
  path: ConfigPath,
  source: Pick<Secret, 'fromEnvFile' | 'orElse' | 'keys'>,
) {
  const { disk } = context
  const file = [source.fromEnvFile, source.orElse].find((candidate) => candidate && disk.kind(candidate) === 'file')
  if (file === undefined) {
    const also = source.orElse === undefined ? '' : `, and neither does ${shownPath(context, source.orElse)}`
    const name = shownPath(context, source.fromEnvFile)
    const fix = source.orElse === undefined ? 'create it, or set orElse to another file' : 'create one of them'
    return [{ path: [...path, 'fromEnvFile'], message: `refers to ${name}, which does not exist${also}`, fix }]
  }
  const found = readEnvFile(disk.read(file))
  if ('mistake' in found) {
    const message = `${shownPath(context, file)}:${found.mistake.line}: ${found.mistake.message}`
    return [{ path: [...path, file === source.fromEnvFile ? 'fromEnvFile' : 'orElse'], message }]
  }
  const variables = Object.keys(found.values)
  return (source.keys ?? []).flatMap((key, i): Problem[] => {
    if (variables.includes(key)) return []
    const near = nearest(key, variables)
    const fix = near === undefined ? undefined : `did you mean "${near}"?`
    return [{ path: [...path, 'keys', i], message: `${key} is not set in ${shownPath(context, file)}`, fix }]
  })
}

/** Checks that `from` of each sync rule exists in the build context, and that `to` is an absolute path. */
export const syncRules: Rule = (context) =>
  Object.entries(context.config.services).flatMap(([name, service]) =>
    service.sync.flatMap((rule, i): Problem[] => {
      const path = ['services', name, 'sync', i]
      const problems: Problem[] = []
      if (context.disk.kind(rule.from) === undefined) {
        problems.push({
          path: [...path, 'from'],
          message: `refers to ${shownPath(context, rule.from)}, which does not exist`,
        })
      }
      if (service.build !== undefined && !inside(service.build.context, rule.from)) {
        const folder = shownPath(context, service.build.context)
        problems.push({
          path: [...path, 'from'],
          message: `${shownPath(context, rule.from)} is outside the build context ${folder}`,
          fix: 'paths are relative to the configuration file',
        })
      }
      rule.pull.forEach((pattern, n) => {
        if (/^[^*?[\\!/#.]|^\.[^./]/.test(pattern) && !pattern.split('/').includes('..')) return
        const message = `${JSON.stringify(pattern)} must begin with the name of a file or folder below \`from\``
        problems.push({
          path: [...path, 'pull', n],
          message,
          fix: 'write for example src/generated/** or package-lock.json',
        })
      })
      if (rule.pull.length > 0 && context.disk.kind(rule.from) === 'file') {
        problems.push({ path: [...path, 'pull'], message: 'needs a folder as `from`' })
      }
      if (!rule.to.startsWith('/')) {
        problems.push({
          path: [...path, 'to'],
          message: `must be an absolute path in the container, got "${rule.to}"`,
        })
      }
      return problems
    }),
  )

/** Checks the patterns of ignore files, and those of the configuration, as a build would. */
export const patterns: Rule = (context) => {
  const { config, disk } = context
  const files = new Map<string, ConfigPath>()
  for (const [path, { context: folder, dockerfile }] of builds(context)) {
    const own = [`${dockerfile}.dockerignore`, join(folder, '.dockerignore')].find((file) => disk.kind(file) === 'file')
    if (own !== undefined) files.set(own, [...path, 'context'])
  }
  const inFiles = [...files].flatMap(([file, path]): Problem[] => {
    const read = ignorePatterns(disk.read(file))
    if (!('mistake' in read)) return []
    return [{ path, message: `${shownPath(context, file)}:${read.mistake.line}: ${read.mistake.message}` }]
  })
  const lists = Object.entries(config.services).flatMap(([name, { build, sync, ignore, rebuild }]) => [
    ...sync.map(({ exclude }, i) => ({ path: ['services', name, 'sync', i, 'exclude'], list: exclude })),
    ...sync.map(({ pull }, i) => ({ path: ['services', name, 'sync', i, 'pull'], list: pull })),
    ...sync.flatMap(({ run }, i) =>
      run.map(({ when }, n) => ({ path: ['services', name, 'sync', i, 'run', n, 'when'], list: when })),
    ),
    { path: ['services', name, 'build', 'watch'], list: build?.watch ?? [] },
    { path: ['services', name, 'build', 'local', 'watch'], list: build?.local?.watch ?? [] },
    { path: ['services', name, 'ignore'], list: ignore },
    { path: ['services', name, 'rebuild'], list: rebuild },
  ])
  const ofLocals = Object.entries(config.locals).map(([name, { watch = [] }]) => ({
    path: ['locals', name, 'watch'],
    list: watch,
  }))
  const inLists = [...lists, ...ofLocals].flatMap(({ path, list }) =>
    list.flatMap((each, i): Problem[] => {
      const read = ignorePatterns(each)
      return 'mistake' in read ? [{ path: [...path, i], message: read.mistake.message }] : []
    }),
  )
  return [...inFiles, ...inLists]
}

function builds({ config }: RuleContext): [ConfigPath, Build][] {
  return (['services', 'externals'] as const).flatMap((group) =>
    Object.entries(config[group]).flatMap(([name, { build }]): [ConfigPath, Build][] =>
      build === undefined ? [] : [[[group, name, 'build'], build]],
    ),
  )
}

function missing(context: RuleContext, path: ConfigPath, kind: 'file' | 'folder', target: string): Problem {
  const actual = context.disk.kind(target)
  const why = actual === undefined ? 'which does not exist' : `which is a ${actual}, not a ${kind}`
  return { path, message: `refers to ${shownPath(context, target)}, ${why}` }
}

function inside(folder: string, path: string): boolean {
  const rest = relative(folder, path)
  return rest !== '..' && !rest.startsWith(`..${sep}`)
}
