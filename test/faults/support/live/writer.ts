import type { KubeObject } from '../../../../src/kube/api.ts'
import type { Random } from '../random.ts'
import { baseImage } from './image.ts'

/** A pod that writes numbered lines. */
export interface Writer {
  readonly pod: KubeObject
  /** The number of its last line. */
  readonly lines: number
}

interface Part {
  readonly lines: number
  readonly width: number
  readonly pauseSeconds: number
  readonly exits: boolean
}

/** What a writer does besides writing. */
export interface WriterOptions {
  readonly project: string
  /** Writes more than devk keeps for a reader that stands still. */
  readonly floods: boolean
}

/**
 * A writer: bursts of lines of several lengths, with pauses in which the kubelet may rotate the log, and at most one end of its
 * container. Each line has its number and then `x` up to the width of its burst.
 */
export function writerOf(random: Random, { project, floods }: WriterOptions): Writer {
  const count = random.int(2, 4)
  const exitAt = random.chance(0.5) ? random.int(0, count - 2) : -1
  const parts = Array.from({ length: count }, (_, index): Part => {
    const width = random.pick(floods ? [100, 300, 2000] : [20, 80, 300, 2000])
    const bytes = floods ? 1_000_000 : random.pick([2_000, 50_000, 400_000])
    return {
      width,
      lines: Math.ceil(bytes / width),
      pauseSeconds: random.pick([0, 0.2, 1, 4]),
      exits: index === exitAt,
    }
  })
  // One line after the last rotation tells that no other line follows.
  const quiet = { lines: 0, width: 20, pauseSeconds: 7, exits: false }
  const all = [...parts, quiet, { ...quiet, lines: 1, pauseSeconds: 0 }]
  return { pod: podOf(project, all), lines: all.reduce((sum, { lines }) => sum + lines, 0) }
}

/** Each part is one step of the script. `/d` outlives the container, and has the number of the next step. */
function podOf(project: string, parts: readonly Part[]): KubeObject {
  let first = 1
  const steps = parts.map(({ lines, width, pauseSeconds, exits }, index) => {
    const from = first
    first += lines
    const print = `awk 'BEGIN { p = sprintf("%${width}s", ""); gsub(/ /, "x", p)
      for (i = ${from}; i < ${first}; i++) print i " " substr(p, length(i) + 3) }'`
    return `if [ "$n" = ${index} ]; then ${print}; sleep ${pauseSeconds}; n=${index + 1}; echo $n > /d/n; ${exits ? 'exit 3' : ':'}; fi`
  })
  const script = ['n=$(cat /d/n 2>/dev/null || echo 0)', ...steps, 'exec sleep 1000000'].join('\n')
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: project,
      namespace: 'default',
      labels: { 'devk.dev/project': project, 'devk.dev/service': 'backend' },
    },
    spec: {
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: 'd', emptyDir: {} }],
      containers: [
        {
          name: 'main',
          image: baseImage,
          imagePullPolicy: 'Never',
          command: ['sh', '-c', script],
          volumeMounts: [{ name: 'd', mountPath: '/d' }],
        },
      ],
    },
  }
}
