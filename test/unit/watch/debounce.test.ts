import { expect, test } from 'vitest'
import { burst } from '../../../src/watch/debounce.ts'

function fakeTimers() {
  let now = 0
  let due: { at: number; run: () => void } | undefined
  return {
    timers: {
      set(run: () => void, ms: number) {
        due = { at: now + ms, run }
        return due
      },
      clear() {
        due = undefined
      },
      now: () => now,
    },
    advance(ms: number) {
      const end = now + ms
      while (due && due.at <= end) {
        now = due.at
        const { run } = due
        due = undefined
        run()
      }
      now = end
    },
  }
}

function start() {
  const clock = fakeTimers()
  const fired: number[] = []
  const gather = burst(() => fired.push(clock.timers.now()), { quietMs: 12, capMs: 250 }, clock.timers)
  return { ...clock, fired, gather }
}

test('fires when no event has come for a while', () => {
  const { gather, advance, fired } = start()
  gather.event()
  advance(11)
  expect(fired).toEqual([])
  advance(1)
  expect(fired).toEqual([12])
  advance(1000)
  expect(fired).toEqual([12])
})

test('it waits while events keep coming', () => {
  const { gather, advance, fired } = start()
  gather.event()
  advance(10)
  gather.event()
  advance(10)
  gather.event()
  advance(100)
  expect(fired).toEqual([32])
})

test('waits no longer than the cap', () => {
  const { gather, advance, fired } = start()
  for (let at = 0; at < 600; at += 5) {
    gather.event()
    advance(5)
  }
  advance(100)
  expect(fired.length).toBe(3)
  expect(fired[0]).toBe(250)
})

test('does not fire after stop', () => {
  const { gather, advance, fired } = start()
  gather.event()
  gather.stop()
  advance(1000)
  expect(fired).toEqual([])
})

test('it tells when the first event of the group came', () => {
  const clock = fakeTimers()
  const firsts: number[] = []
  const gather = burst((first) => firsts.push(first), { quietMs: 12, capMs: 250 }, clock.timers)
  clock.advance(5)
  gather.event()
  clock.advance(10)
  gather.event()
  clock.advance(100)
  gather.event()
  clock.advance(100)
  expect(firsts).toEqual([5, 115])
})

test('events that belong together are one group, until they no longer do, rest, or take too long', () => {
  const clock = fakeTimers()
  const fired: number[] = []
  let works = true
  const together = { is: () => works, quietMs: 1000, capMs: 5000 }
  const limits = { quietMs: 12, capMs: 250, together }
  const gather = burst((first) => fired.push(clock.timers.now() - first), limits, clock.timers)
  const eventsFor = (ms: number) => {
    for (let at = 0; at < ms; at += 100) {
      gather.event()
      clock.advance(100)
    }
  }
  eventsFor(2000)
  works = false
  clock.advance(12)
  expect(fired).toEqual([2012])
  works = true
  gather.event()
  clock.advance(2000)
  expect(fired.slice(1)).toEqual([1008])
  eventsFor(8000)
  expect(fired[2]).toBeGreaterThanOrEqual(5000)
  expect(fired[2]).toBeLessThan(5100)
})
