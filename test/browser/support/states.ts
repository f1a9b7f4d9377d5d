import type { PlanReport } from '../../../src/commands/plan/shape.ts'
import type { Entry, WorkloadEntry } from '../../../src/commands/status/report.ts'
import type { Finding, Save, SessionState, UiHappening, UiLine, UiState } from '../../../src/commands/ui/api.ts'

const since = '2026-11-29T12:00:00.000Z'

/** A service, external or preset in the report. */
export function entry(name: string, more: Partial<WorkloadEntry> & Partial<Entry> = {}): WorkloadEntry {
  return {
    name,
    state: 'ready',
    reason: null,
    since,
    image: `localhost:5001/todo/${name}:3f9c2a1bd4e5f607`,
    restarts: 0,
    url: null,
    note: null,
    pods: [{ name: `${name}-6d4-xk2p9`, ready: true, restarts: 0, reason: null }],
    ...more,
  }
}

/** A stack with these services, each of which needs the ones after it in the list of `needs`. */
export function stateOf(
  services: readonly WorkloadEntry[],
  needs: Readonly<Record<string, readonly string[]>> = {},
): UiState {
  const externals = [entry('postgres')]
  const presets = [{ ...entry('ingress'), version: '3.6', get: null }]
  return {
    project: 'todo',
    devk: '0.1.0',
    cluster: { name: 'kind-todo', provider: 'kind', context: 'kind-todo', state: 'connected', since, reason: null },
    recorded: {
      services: services.map(({ name, url }) => ({
        name,
        url,
        workload: `Deployment/${name}`,
        dependsOn: needs[name] ?? [],
      })),
      externals: ['postgres'],
      presets: [{ name: 'ingress', version: '3.6', urls: [] }],
      jobs: [],
    },
    report: {
      project: 'todo',
      cluster: {
        provider: 'kind',
        name: 'kind-todo',
        context: 'kind-todo',
        kubeconfig: '/tmp/kubeconfig',
        state: 'running',
        nodes: [{ name: 'todo-control-plane', role: 'control-plane', ready: true }],
      },
      services,
      externals,
      presets,
      locals: [],
      forwards: [],
      warnings: [],
    },
    usage: null,
  }
}

/** The Todo example with a back end that is not ready. */
export const todo = stateOf(
  [
    entry('frontend', { url: 'http://todo.localhost:8080' }),
    entry('backend', {
      state: 'failed',
      reason: 'backend-6d4-xk2p9: readiness /ready answers 503 "database unreachable"',
      restarts: 4,
      pods: [
        {
          name: 'backend-6d4-xk2p9',
          ready: false,
          restarts: 4,
          reason: 'readiness /ready answers 503 "database unreachable"',
        },
      ],
    }),
  ],
  { frontend: ['backend'], backend: ['postgres'] },
)

/** The Todo example, whose front end runs on this machine. */
export const withLocal: UiState = {
  ...todo,
  report: todo.report && {
    ...todo.report,
    locals: [{ name: 'web', state: 'running', reason: null, dependsOn: ['backend'], urls: ['http://localhost:5173'] }],
  },
}

/** A line of the back end. */
export function line(text: string, more: Partial<UiLine> = {}): UiLine {
  return {
    service: 'backend',
    pod: 'backend-6d4-xk2p9',
    container: 'app',
    time: '2026-11-29T12:00:01.5Z',
    text,
    ...more,
  }
}

/** A line of the program of `withLocal`. */
export function localLine(text: string): UiLine {
  return { service: 'web', time: '2026-11-29T12:00:02.000Z', text }
}

/** An event of Kubernetes about the pod of the back end. */
export function happening(text: string, more: Partial<UiHappening> = {}): UiHappening {
  return {
    id: text,
    time: since,
    source: 'kubernetes',
    names: ['backend'],
    kind: 'Unhealthy',
    object: 'Pod todo/backend-6d4-xk2p9',
    warning: true,
    text,
    count: 1,
    ...more,
  }
}

/** A save of the back end that took 20 ms. */
export function save(id: number, more: Partial<Save> = {}): Save {
  return {
    id,
    service: 'backend',
    kind: 'sync',
    began: since,
    files: ['app/main.py'],
    fileCount: 1,
    reason: null,
    state: 'done',
    steps: [{ name: 'written', ms: 20 }],
    ms: 20,
    failure: null,
    number: id,
    trace: null,
    ...more,
  }
}

/** A `devk up` that holds the stack, with these saves. */
export function session(
  saves: readonly Save[] = [
    save(1, { kind: 'rebuild', state: 'failed', failure: { step: 'build', text: 'make: no rule', hint: null } }),
  ],
): SessionState {
  const own = { project: 'todo', devk: '0.1.0', command: 'devk up', pid: 7, background: false, asked: '' }
  return {
    ...own,
    since,
    phase: 'up',
    failure: null,
    serves: true,
    locals: [],
    watched: ['backend'],
    paused: false,
    waiting: [],
    saves,
  }
}

/** A check of this machine that failed, with its fix. */
export function finding(more: Partial<Finding> = {}): Finding {
  const commands = [['sysctl', '-w', 'fs.inotify.max_user_watches=524288']]
  return {
    id: 'inotify',
    title: 'inotify',
    level: 'fail',
    detail: 'fs.inotify.max_user_watches is 8192',
    why: 'Nodes need more.',
    fix: { commands, by: 'commands', explain: 'Raises the limit.' },
    ...more,
  }
}

/** A plan that changes the image of the back end. */
export function plan(more: Partial<PlanReport> = {}): PlanReport {
  const path = 'spec.template.spec.containers[app].image'
  return {
    project: 'todo',
    cluster: { context: 'kind-todo', exists: true },
    overlay: null,
    rules: [],
    changes: [
      {
        action: 'update',
        object: 'Deployment todo/backend',
        why: null,
        fields: [{ path, from: 'backend:1', to: 'backend:2' }],
      },
    ],
    presets: [],
    notes: [],
    unchanged: 7,
    images: ['backend'],
    fit: null,
    ...more,
  }
}
