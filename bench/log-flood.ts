/**
 * Whether the page of devk ui loses frames while 10,000 lines arrive each second, beside a page where nothing arrives.
 * Run: node bench/log-flood.ts [ROUNDS] (npm run build first; it needs Chromium)
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { line, todo } from '../test/browser/support/states.ts'
import { launchChromium } from '../test/support/chromium.ts'
import { fedPage } from '../test/support/fed-page.ts'
import { byTurns, writeResult } from './lib/arms.ts'
import { watchFrames } from './lib/frames.ts'
import { percentile } from './lib/stats.ts'

const rounds = Number(process.argv[2] ?? 5)
const seconds = 10
const perSecond = 10_000
/** How often lines come, in milliseconds. */
const every = 20

/** Lines as stacks write them: most of them structured, some plain, coloured, or of a stack trace. */
function lineOf(number: number) {
  const kind = number % 10
  if (kind < 6) {
    const status = kind === 5 ? 500 : 200
    return line(
      JSON.stringify({ level: status === 500 ? 'error' : 'info', msg: `GET /todos/${number}`, status, ms: 3 }),
    )
  }
  if (kind === 9) return line(`    at handler (/app/server.js:${number}:7)`)
  return line(
    kind === 8 ? `\u001b[31mError\u001b[0m: lost ${number}` : `plain line ${number} of a program that says much`,
  )
}

interface Arm {
  readonly name: string
  readonly flood: boolean
  prepare(page: Page): Promise<unknown>
}

const withFilters = async (page: Page) => {
  await page.getByRole('button', { name: 'Columns' }).click()
  await page.getByLabel('Least level').selectOption('Errors')
}
const flood: Arm = { name: 'flood', flood: true, prepare: async () => {} }
const arms: readonly Arm[] = [
  { name: 'nothing arrives', flood: false, prepare: async () => {} },
  flood,
  { ...flood, name: 'flood, again' },
  { name: 'flood, errors only, as columns', flood: true, prepare: withFilters },
]

const browser = await launchChromium()
try {
  const samples = await byTurns(arms, rounds, async (arm) => {
    const server = await fedPage(todo)
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    try {
      await page.goto(server.url)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.goto(page.url().replace(/(#.*)?$/, '#/logs'))
      // A full list is the hardest one to draw.
      server.log(...Array.from({ length: 20_000 }, (_, index) => lineOf(index)))
      await page.locator('.row').first().waitFor()
      await arm.prepare(page)
      const frames = await watchFrames(page)
      const began = performance.now()
      let sent = 0
      for (let now = 0; now < seconds * 1000; now = performance.now() - began) {
        const due = arm.flood ? Math.floor((Math.min(now, seconds * 1000) * perSecond) / 1000) : 0
        server.log(...Array.from({ length: due - sent }, (_, index) => lineOf(sent + index)))
        sent = due
        await sleep(every)
      }
      const seen = await frames.end()
      const counts = await page.locator('.counts').innerText()
      return { ...seen, sent, dropped: Number(/([\d,]+) dropped/.exec(counts)?.[1]?.replaceAll(',', '') ?? 0) }
    } finally {
      await page.close()
      server.close()
    }
  })
  for (const [name, runs] of Object.entries(samples)) {
    const deltas = runs.flatMap(({ deltasMs }) => deltasMs)
    const sum = (of: (run: (typeof runs)[number]) => number) => runs.reduce((total, run) => total + of(run), 0)
    const figures = [
      `${sum(({ late }) => late)} of ${deltas.length} frames over 50 ms`,
      `p50 ${percentile(deltas, 0.5).toFixed(1)} ms, p99 ${percentile(deltas, 0.99).toFixed(1)} ms`,
      `longest work for a frame ${Math.max(0, ...runs.flatMap(({ longMs }) => longMs)).toFixed(0)} ms`,
      `processor ${((sum(({ processorMs }) => processorMs) / runs.length / seconds) * 0.1).toFixed(1)} %`,
      `${sum(({ sent }) => sent)} lines, ${sum(({ dropped }) => dropped)} dropped`,
    ]
    console.log(`${name.padEnd(32)} ${figures.join(' · ')}`)
  }
  const figures = Object.entries(samples).map(([name, runs]) => [
    name,
    runs.map(({ deltasMs, ...run }) => ({ ...run, frames: deltasMs.length, overMs: deltasMs.filter((ms) => ms > 34) })),
  ])
  writeResult('log-flood', { perSecond, seconds, rounds, arms: Object.fromEntries(figures) })
} finally {
  await browser.close()
}
