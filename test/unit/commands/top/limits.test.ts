import { expect, test } from 'vitest'
import { podLimits, sumOfLimits } from '../../../../src/commands/top/limits.ts'

const container = (limits?: Record<string, unknown>, more = {}) => ({
  name: 'app',
  ...(limits && { resources: { limits } }),
  ...more,
})

test('limits of containers and sidecars add up; those of init containers that end do not', () => {
  const spec = {
    containers: [container({ cpu: '500m', memory: '64Mi' }), container({ cpu: 1, memory: 1024 })],
    initContainers: [
      container({ cpu: '250m', memory: '1Mi' }, { restartPolicy: 'Always' }),
      container({ cpu: '4', memory: '1Gi' }),
    ],
  }
  expect(podLimits({ spec })).toEqual({ cpu: 1750, memory: 65 * 1024 ** 2 + 1024 })
})

test('one container without a limit leaves all without one; so does one pod', () => {
  const spec = { containers: [container({ cpu: '500m', memory: '64Mi' }), container({ memory: '64Mi' })] }
  expect(podLimits({ spec })).toEqual({ cpu: null, memory: 128 * 1024 ** 2 })
  expect(podLimits({ spec: { containers: [container()] } })).toEqual({ cpu: null, memory: null })
  expect(podLimits({ spec: { containers: [container({ cpu: 'much', memory: '' })] } })).toEqual({
    cpu: null,
    memory: null,
  })
  expect(
    sumOfLimits([
      { cpu: 1, memory: 1 },
      { cpu: null, memory: 2 },
    ]),
  ).toEqual({ cpu: null, memory: 3 })
  expect(sumOfLimits([])).toEqual({ cpu: null, memory: null })
})
