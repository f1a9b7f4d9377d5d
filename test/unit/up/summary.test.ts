import { expect, test } from 'vitest'
import type { CliContext } from '../../../src/context.ts'
import { type SummaryInput, summaryOf } from '../../../src/up/summary.ts'

/** What `up` prints of a project whose services have these forwards. */
function summary(ports: readonly number[], { stays, locals = {} }: { readonly stays: boolean; locals?: object }) {
  const forwards = ports.map((local) => ({ name: `s${local}`, local }))
  const shown = { services: {}, externals: {}, locals }
  const up = { desired: { objects: [], forwards }, changes: 0, notes: [] }
  const input = { config: shown, shown, presets: [], up, start: { agreedHosts: undefined }, stays, ms: 1 }
  return summaryOf({} as CliContext, input as unknown as SummaryInput)
}

test('an up that does not stay names the command that opens the forwards', () => {
  expect(summary([8051], { stays: false })).toMatchObject({
    addresses: [],
    hints: ['devk dev   (opens localhost:8051 while it runs)'],
  })
  expect(summary([8051, 8052], { stays: false }).hints).toEqual(['devk dev   (opens 2 forwards while it runs)'])
  expect(summary([], { stays: false }).hints).toEqual([])
})

test('an up that stays lists the forwards, and needs no other command', () => {
  expect(summary([8051], { stays: true })).toMatchObject({
    addresses: [{ url: 'localhost:8051', whileRunning: true }],
    hints: [],
  })
})

test('programs of this machine have their URLs, and an up that does not stay says that it starts none', () => {
  const locals = { web: { ports: [5173, 5174] }, worker: { ports: [] } }
  expect(summary([], { stays: true, locals })).toMatchObject({
    addresses: [
      { name: 'web', url: 'http://localhost:5173', whileRunning: true },
      { name: 'web', url: 'http://localhost:5174', whileRunning: true },
    ],
    hints: [],
  })
  expect(summary([], { stays: false, locals })).toMatchObject({
    addresses: [],
    hints: ['devk dev   (runs web, worker on this machine, which devk up -d does not)'],
  })
})
