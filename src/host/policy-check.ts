import type { Finding } from './finding.ts'

/** Result of a test of NetworkPolicies on a running cluster. */
export type PolicyFact =
  | { readonly state: 'enforced' }
  | { readonly state: 'ignored' }
  /** The test gave no result. */
  | { readonly state: 'unknown'; readonly reason: string }

/** Turns the result of the test into a finding. Pure. */
export function policyCheck(fact: PolicyFact, cluster: string): Finding {
  const base = { id: 'network-policies', title: 'Network policies' } as const
  if (fact.state === 'enforced') return { ...base, level: 'ok', detail: `${cluster} enforces them (tested)` }
  if (fact.state === 'unknown') {
    const why = 'a network that ignores policies allows all traffic without any error'
    return { ...base, level: 'warn', detail: `${cluster} could not be tested: ${fact.reason}`, why }
  }
  return {
    ...base,
    level: 'warn',
    detail: `${cluster} ignores them: a connection that a policy denies succeeded (tested)`,
    why: 'connections that work here may be denied in production, and connections that should be denied are open',
    fix: {
      commands: [],
      by: 'hand',
      explain: 'recreate the cluster with kind 0.24 or newer, with the kit, or with Minikube and --cni=calico',
    },
  }
}
