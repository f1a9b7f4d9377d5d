import { isWithin } from '../lib/paths.ts'
import { nearest } from '../lib/text.ts'
import { type Rule, type RuleContext, shownPath } from './context.ts'
import type { ConfigPath, Problem } from './problems.ts'
import type { Local } from './schema.ts'

/** Checks that builds on this machine name a program, and outputs that can be sent. The outputs need not exist yet. */
export const localBuilds: Rule = (context) =>
  Object.entries(context.config.services).flatMap(([name, { build, sync }]): Problem[] => {
    if (build?.local === undefined) return []
    const { command, outputs } = build.local
    const path = ['services', name, 'build', 'local']
    const folder = shownPath(context, build.context)
    const ofOutputs = outputs.flatMap(({ from, to }, i): Problem[] => {
      const at = [...path, 'outputs', i]
      const problems: Problem[] = []
      if (isWithin(build.context, from)) {
        const message = `${shownPath(context, from)} contains the build context ${folder}`
        problems.push({ path: [...at, 'from'], message, fix: 'name a file or folder that holds nothing but outputs' })
      }
      const isAbsolute = to.startsWith('/') && to !== '/' && !to.split('/').includes('..')
      if (!isAbsolute) {
        problems.push({ path: [...at, 'to'], message: `must be an absolute path in the container, got "${to}"` })
      }
      return problems
    })
    const twice = sync.flatMap((rule, i): Problem[] => {
      if (!outputs.some(({ from }) => isWithin(rule.from, from))) return []
      const message = `${shownPath(context, rule.from)} is an output of build.local, which sends it`
      return [{ path: ['services', name, 'sync', i, 'from'], message, fix: 'remove this rule' }]
    })
    return [
      ...(command[0] === '' ? [{ path: [...path, 'command', 0], message: 'must name a program' }] : []),
      ...ofOutputs,
      ...twice,
    ]
  })

/** What Dockerfiles are built with, and outside builders know nothing of. */
const ofDockerfiles = [
  ...['dockerfile', 'target', 'args', 'contexts', 'ssh', 'secrets', 'platform', 'cacheFrom', 'noCache'],
  'caCertificates',
]
const ofCommands = ['env', 'watch', 'timeout']

/** Checks that `build.command` names a program, and that nothing beside it is for the other way to make an image. */
export const imageCommands: Rule = ({ config, given }) =>
  Object.entries(config.services).flatMap(([name, { build }]): Problem[] => {
    if (build === undefined) return []
    const path = ['services', name, 'build']
    const hasCommand = build.command !== undefined
    const useless = (hasCommand ? ofDockerfiles : ofCommands).filter((key) => given([...path, key]))
    const why = hasCommand ? 'has no effect: `command` makes the image' : 'has no effect without `command`'
    const fix = hasCommand ? 'remove it, or give it to the command' : 'remove it'
    const badVariable = Object.keys(build.env).find((key) => key === '' || /[=\0]/.test(key))
    return [
      ...(build.command?.[0] === '' ? [{ path: [...path, 'command', 0], message: 'must name a program' }] : []),
      ...(badVariable === undefined ? [] : [notAVariable([...path, 'env', badVariable])]),
      ...useless.map((key) => ({ path: [...path, key], message: why, fix })),
    ]
  })

function notAVariable(path: ConfigPath): Problem {
  return { path, message: 'is no name of an environment variable' }
}

/** Checks that programs of this machine have a folder and a program, and depend on services and externals only. */
export const localPrograms: Rule = (context) => {
  const { config, given } = context
  const known = [...Object.keys(config.services), ...Object.keys(config.externals)]
  return Object.entries(config.locals).flatMap(([name, local]): Problem[] => {
    const path = ['locals', name]
    return [
      ...runnable(context, path, local),
      ...local.dependsOn.flatMap((to, i): Problem[] => {
        if (given(['services', to]) || given(['externals', to])) return []
        const near = nearest(to, known)
        const fix = near === undefined ? undefined : `did you mean "${near}"?`
        return [{ path: [...path, 'dependsOn', i], message: `"${to}" is not a service or an external`, fix }]
      }),
    ]
  })
}

/** Checks that a job of this machine has a folder and a program, and nothing that is for the other kind of job. */
export const localJobs: Rule = (context) =>
  Object.entries(context.config.jobs).flatMap(([name, job]): Problem[] => {
    const path = ['jobs', name]
    const useless = (job.local ? ['service', 'image', 'dependsOn'] : ['cwd']).filter((key) =>
      context.given([...path, key]),
    )
    const message = job.local ? 'has no effect: `local` runs the job on this machine' : 'has no effect without `local`'
    const fix = job.local ? 'remove it, or remove `local`' : 'remove it, or set local: true'
    return [
      ...(job.local ? runnable(context, path, job) : []),
      ...useless.map((key) => ({ path: [...path, key], message, fix })),
    ]
  })

function runnable(
  context: RuleContext,
  path: ConfigPath,
  { command, cwd, env }: Pick<Local, 'command' | 'cwd' | 'env'>,
): Problem[] {
  const badVariable = Object.keys(env).find((key) => key === '' || /[=\0]/.test(key))
  return [
    ...(command[0] === '' ? [{ path: [...path, 'command', 0], message: 'must name a program' }] : []),
    ...(context.disk.kind(cwd) === 'folder'
      ? []
      : [{ path: [...path, 'cwd'], message: `there is no folder ${shownPath(context, cwd)}` }]),
    ...(badVariable === undefined ? [] : [notAVariable([...path, 'env', badVariable])]),
  ]
}
