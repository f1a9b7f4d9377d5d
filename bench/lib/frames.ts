import type { Page } from 'playwright-core'

/** The frames of a page while they were watched. */
export interface Frames {
  /** Between each frame and the one before, in milliseconds. */
  readonly deltasMs: readonly number[]
  /** How many of these are over 50 ms. */
  readonly late: number
  /** The frames whose work in the page took over 50 ms, by the browser's own measure (long animation frames). */
  readonly longMs: readonly number[]
  /** Processor time of the main thread of the page. */
  readonly processorMs: number
}

/** Runs in the page. */
const watching = `
  globalThis.devkFrames = { deltas: [], long: [] }
  let last = performance.now()
  const next = (now) => {
    devkFrames.deltas.push(now - last)
    last = now
    requestAnimationFrame(next)
  }
  requestAnimationFrame(next)
  new PerformanceObserver((list) => devkFrames.long.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'long-animation-frame' })`

/** Watches the frames of a page until `end`. */
export async function watchFrames(page: Page): Promise<{ end(): Promise<Frames> }> {
  const browser = await page.context().newCDPSession(page)
  await browser.send('Performance.enable', { timeDomain: 'threadTicks' })
  const processor = async () => {
    const { metrics } = await browser.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1000
  }
  const before = await processor()
  await page.evaluate(watching)
  return {
    async end() {
      const processorMs = (await processor()) - before
      const { deltas, long } = await page.evaluate<{ deltas: number[]; long: number[] }>('devkFrames')
      // The first one is no whole frame.
      const deltasMs = deltas.slice(1)
      return { deltasMs, late: deltasMs.filter((ms) => ms > 50).length, longMs: long, processorMs }
    },
  }
}
