import { defineConfig } from 'vitest/config'

const project = (name: string, include: string, extra: object = {}) => ({
  test: { name, include: [include], retry: 0, ...extra },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', 'test/unit/**/*.test.ts'),
      project('docker', 'test/docker/**/*.test.ts', {
        testTimeout: 120_000,
        hookTimeout: 300_000,
        fileParallelism: false,
      }),
      project('e2e', 'test/e2e/**/*.test.ts', { testTimeout: 600_000, hookTimeout: 3_600_000, fileParallelism: false }),
    ],
  },
})
