import { table } from '../../lib/table.ts'
import { bytes } from '../../lib/text.ts'
import type { Amount } from '../../stack/capacity/demand.ts'
import type { TopReport } from './report.ts'

const columnsOf = (what: string, compared: string) => [
  { title: what, flexible: true },
  { title: 'CPU' },
  { title: compared, optional: true },
  { title: 'MEMORY' },
  { title: compared, optional: true },
]

/**
 * The report as text: what is used, compared with what is requested, or with what a node can allocate to pods. Pure.
 */
export function topText({ uses, nodes }: TopReport, { pods, columns }: { pods: boolean; columns: number }): string {
  const rows = uses.flatMap((use) => [
    cells(use.name, use.used, use.requested),
    ...(pods ? use.pods.map((pod) => cells(`  ${pod.name}`, pod.used, pod.requested)) : []),
  ])
  const ofNodes = nodes.map(({ name, used, allocatable }) => cells(name, used, allocatable))
  const lines = [
    ...table(columnsOf('SERVICE', 'REQUESTED'), rows, columns),
    '',
    ...table(columnsOf('NODE', 'OF'), ofNodes, columns),
  ]
  return `${lines.join('\n')}\n`
}

function cells(name: string, used: Amount | null, compared: Amount) {
  const cpu = (amount: Amount) => `${amount.cpu}m`
  const memory = (amount: Amount) => (amount.memory === 0 ? '0' : bytes(amount.memory))
  const usedText = (say: (amount: Amount) => string) => (used === null ? '–' : say(used))
  return { cells: [name, usedText(cpu), cpu(compared), usedText(memory), memory(compared)] }
}
