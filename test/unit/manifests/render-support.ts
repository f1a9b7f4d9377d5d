import type { Runner, RunResult } from '../../../src/exec/runner.ts'
import type { Capabilities } from '../../../src/kube/api.ts'
import { renderManifests } from '../../../src/manifests/render.ts'

/** A command that succeeds with this output. */
export const ok = (stdout: string): RunResult => ({ exitCode: 0, stdout, stderr: '' })
/** A command that does not exist. */
export const missing: RunResult = { exitCode: 127, stdout: '', stderr: 'ENOENT' }
/** A manifest of one object. */
export const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n'

/** Answers each command line (with its input behind `<`) in turn; the last answer is given from then on. */
export function fakeRunner(answers: Record<string, RunResult | RunResult[]>): Runner {
  const calls = new Map<string, number>()
  return {
    run: (command, args, { input } = {}) => {
      const line = [command, ...args, ...(input === undefined ? [] : ['<', String(input)])].join(' ')
      const list = [answers[line] ?? []].flat()
      const answer = list[Math.min(calls.get(line) ?? 0, list.length - 1)]
      calls.set(line, (calls.get(line) ?? 0) + 1)
      return answer ? Promise.resolve(answer) : Promise.reject(new Error(`unexpected: ${line}`))
    },
    spawn: () => {
      throw new Error('unexpected spawn')
    },
  }
}

/** Never aborts. */
export const signal = new AbortController().signal
/** Renders the manifests of a project with these answers of kubectl, kustomize and helm. */
export const render = (
  deploy: object,
  answers: Record<string, RunResult | RunResult[]>,
  {
    capabilities = { kubeVersion: undefined, apiVersions: [] },
    namespace,
  }: { capabilities?: Capabilities; namespace?: string } = {},
) =>
  renderManifests(
    {
      name: 'p',
      cluster: { namespace },
      root: '/p',
      deploy: { manifests: [], kustomize: [], helm: [], overlays: {}, images: [], ...deploy },
    },
    {
      runner: fakeRunner(answers),
      kubectl: '/bin/kubectl',
      charts: '/charts',
      capabilities: async () => capabilities,
    },
    signal,
  )

/** What kustomize is always given. */
export const lax = '--load-restrictor LoadRestrictionsNone --enable-helm'
