import { recordOf } from '../lib/record.ts'
import { type AskedStack, askerOf } from './ask.ts'
import type { Asked } from './dashboards.ts'
import { prometheus, rangeOf, rangePath } from './prometheus.ts'

/** A query of the user in PromQL. */
export interface MetricsQuery {
  readonly query: string
  /** The values of the last minutes; undefined: the value now. */
  readonly minutes: number | undefined
}

/** One series of an answer. Labels come from programs in containers: they are data, and may hold any text. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** Seconds since 1970, and the value as Prometheus writes it: `NaN` and `+Inf` are values too. */
  readonly values: readonly (readonly [seconds: number, value: string])[]
}

/** Asks Prometheus. Throws what `askerOf` throws, with Prometheus' words for a wrong query. */
export async function queryMetrics(
  open: AskedStack,
  { query, minutes }: MetricsQuery,
  { now, signal }: Asked,
): Promise<Series[]> {
  const ask = await askerOf(open, prometheus, signal)
  if (minutes === undefined) return seriesIn(await ask(`/api/v1/query?${new URLSearchParams({ query })}`))
  return seriesIn(await ask(rangePath(query, rangeOf(minutes, now))))
}

/** Vectors and matrices have series; a scalar is one point without labels. */
function seriesIn(answer: unknown): Series[] {
  const { result, resultType } = recordOf(recordOf(answer).data)
  if (resultType === 'scalar') return [{ labels: {}, values: pointsOf([result]) }]
  return (Array.isArray(result) ? result : []).map((each) => {
    const { metric, value, values } = recordOf(each)
    const labels = Object.entries(recordOf(metric)).map(([name, text]) => [name, String(text)])
    return { labels: Object.fromEntries(labels), values: pointsOf(Array.isArray(values) ? values : [value]) }
  })
}

function pointsOf(points: readonly unknown[]): [number, string][] {
  return points.flatMap((point): [number, string][] =>
    Array.isArray(point) ? [[Number(point[0]), String(point[1])]] : [],
  )
}
