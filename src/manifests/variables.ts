import type { Container } from './workload.ts'

type Variables = NonNullable<Container['env']>

/** The variable with the name of the pod, for values that refer to it. */
const podName = 'DEVK_POD_NAME'

/**
 * The variables with one that has the name of the pod in front, if a value refers to it as `$(DEVK_POD_NAME)` and none
 * has it. Pure.
 */
export function withPodName(env: Variables): Variables {
  const isUsed = env.some(({ value }) => value?.includes(`$(${podName})`))
  if (!isUsed || env.some(({ name }) => name === podName)) return env
  return [{ name: podName, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, ...env]
}

/**
 * The variables of a container with those of the configuration. `$(NAME)` refers to variables further up only, so a
 * replaced variable keeps its place, and a new one stands in front of the first variable that refers to it. Pure.
 */
export function withVariables(env: Variables, added: Readonly<Record<string, string>>): Variables {
  const firsts = env.filter(({ name }, index) => env.findIndex((other) => other.name === name) === index)
  const kept = env.filter((variable) => !(variable.name in added) || firsts.includes(variable))
  const result = kept.map(({ name, ...variable }) =>
    name in added ? { name, value: added[name] ?? '' } : { name, ...variable },
  )
  const end = result.length
  const fresh = Object.entries(added).filter(([name]) => !env.some((variable) => variable.name === name))
  // From the last to the first, so that those at the end keep the order of the configuration.
  let behind = end
  for (const [name, value] of fresh.reverse()) {
    const user = result.findIndex((variable) => variable.value?.includes(`$(${name})`))
    const isBeforeEnd = user >= 0 && user < behind
    result.splice(isBeforeEnd ? user : behind, 0, { name, value })
    if (isBeforeEnd) behind += 1
  }
  return result
}
