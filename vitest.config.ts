import { defineConfig } from 'vitest/config'

const project = (name: string, include: string, extra: object = {}) => ({
  test: { name, include: [include], retry: 0, ...extra },
})

const onCluster = { testTimeout: 600_000, hookTimeout: 3_600_000, fileParallelism: false }

export default defineConfig({
  test: {
    projects: [
      project('unit', 'test/unit/**/*.test.ts'),
      project('docker', 'test/docker/**/*.test.ts', {
        testTimeout: 120_000,
        hookTimeout: 300_000,
        fileParallelism: false,
      }),
      project('e2e', 'test/e2e/*.test.ts', onCluster),
      // What runs on images that the kit builds only when something names them; the heavy ones take it ten minutes and more.
      project('platform', 'test/e2e/platform/*.test.ts', onCluster),
      project('observability', 'test/e2e/observability/*.test.ts', onCluster),
      project('heavy', 'test/e2e/heavy/*.test.ts', onCluster),
    ],
  },
})
