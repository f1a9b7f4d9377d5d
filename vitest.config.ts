import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { imageSets } from './test/image-sets.ts'

export default defineConfig({
  test: {
    retry: 0,
    tags: imageSets.map(({ tag, description }) => ({ name: tag, description })),
    projects: [
      // Without isolation a process loads each module once for all files, which makes the unit tests three times as fast.
      // Many of them wait for timers and processes, so that two cores have work for four processes.
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          isolate: false,
          maxWorkers: Math.max(4, availableParallelism()),
          // A busy machine is no failure; vitest's own limit is 5 seconds.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      // What npm packs, installed into projects of their own. Needs no engine.
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      // devk in repositories of an attacker. Needs no engine.
      {
        extends: true,
        test: {
          name: 'attacks',
          include: ['test/attacks/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      // The page of devk ui in a real Chromium, fed by the test. Needs no engine.
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'docker',
          include: ['test/docker/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 3_600_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          // They need clusters of their own for minutes: npm run test:faults runs them.
          exclude:
            process.env.DEVK_FAULTS_SEED === undefined
              ? ['test/faults/creation.test.ts', 'test/faults/node-disk.test.ts']
              : [],
          globalSetup: ['test/faults/support/live/shared.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          maxConcurrency: 10,
        },
      },
    ],
  },
})
