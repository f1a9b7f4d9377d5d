import type { Finding } from './finding.ts'

/** What a try on a running cluster has shown of its NetworkPolicies. */
export type PolicyFact =
  | { readonly state: 'enforced' }
  | { readonly state: 'ignored' }
  /** No answer, and why there is none. */
  | { readonly state: 'unknown'; readonly reason: string }

/** Judges whether a cluster's network enforces policies. Pure. */
export function policyCheck(fact: PolicyFact, cluster: string): Finding {
  const base = { id: 'network-policies', title: 'Network policies' } as const
  if (fact.state === 'enforced') return { ...base, level: 'ok', detail: `${cluster} enforces them (tried)` }
  if (fact.state === 'unknown') {
    const why = 'a network that ignores policies lets everything through and says nothing'
    return { ...base, level: 'warn', detail: `${cluster} could not be tried: ${fact.reason}`, why }
  }
  return {
    ...base,
    level: 'warn',
    detail: `${cluster} ignores them: a connection that a policy denies was made (tried)`,
    why: 'what works here may be refused in production, and what should be refused is open',
    fix: {
      commands: [],
      by: 'hand',
      explain: 'kind 0.24 or newer and the kit enforce them, Minikube with --cni=calico; make the cluster anew',
    },
  }
}
