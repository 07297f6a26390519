import { describe, expect, test } from 'vitest'
import { adopt, rivalOf } from '../../../operators/canary/src/adoption.ts'
import { copyDeployment, copyService } from '../../../operators/canary/src/copies.ts'
import { losesAllWhenUpdated } from '../../../operators/canary/src/rollout.ts'
import { versionOf } from '../../../operators/canary/src/template.ts'
import type { Deployment } from '../../../src/operator/kinds.ts'
import { canary, podinfo, podinfoService } from '../../support/podinfo.ts'

function primaryOf(target: Deployment): Deployment {
  const adopted = adopt(canary('podinfo'), target, podinfoService())
  return copyDeployment(target, adopted, 'primary', versionOf(target, 0), 3).object
}

function labelled(matchLabels: Record<string, string>): Deployment {
  const target = podinfo()
  if (target.spec) {
    target.spec.selector = { matchLabels }
    target.spec.template.metadata = { labels: { ...matchLabels, version: 'v1' } }
  }
  return target
}

describe('a copy of a Deployment', () => {
  test('is the target with another name, one other label and a note of its version', () => {
    const target = podinfo()
    expect(primaryOf(target)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'podinfo-primary',
        namespace: 'shop',
        labels: { app: 'podinfo-primary', team: 'shop' },
        annotations: { 'autopilot.examples.io/version': versionOf(target, 0).hash },
      },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'podinfo-primary' } },
        strategy: target.spec?.strategy,
        template: {
          ...target.spec?.template,
          metadata: { ...target.spec?.template.metadata, labels: { app: 'podinfo-primary' } },
        },
      },
    })
  })

  test.each([
    [{ app: 'a', 'app.kubernetes.io/name': 'b' }, 'app'],
    [{ 'app.kubernetes.io/instance': 'a', 'app.kubernetes.io/name': 'b' }, 'app.kubernetes.io/name'],
    [{ tier: 'a', component: 'b' }, 'component'],
  ])('of %j is told apart by %s', (labels, key) => {
    const copy = primaryOf(labelled(labels))
    expect(copy.spec?.selector.matchLabels).toEqual({ ...labels, [key]: 'podinfo-primary' })
    expect(copy.spec?.template.metadata?.labels).toEqual({ ...labels, version: 'v1', [key]: 'podinfo-primary' })
  })

  test('keeps expressions of the selector, but none that its own label would fail', () => {
    const target = podinfo()
    const tier = { key: 'tier', operator: 'Exists' }
    if (target.spec)
      target.spec.selector = {
        matchLabels: { app: 'podinfo' },
        matchExpressions: [{ key: 'app', operator: 'In', values: ['podinfo'] }, tier],
      }
    expect(primaryOf(target).spec?.selector).toEqual({
      matchLabels: { app: 'podinfo-primary' },
      matchExpressions: [tier],
    })
  })

  test('is not taken for a part of what deployed the target', () => {
    const target = podinfo()
    target.metadata.labels = {
      'app.kubernetes.io/managed-by': 'Helm',
      'helm.sh/chart': 'podinfo-1',
      'kustomize.toolkit.fluxcd.io/name': 'apps',
      'argocd.argoproj.io/instance': 'shop',
      tier: 'web',
    }
    target.metadata.annotations = {
      'kubectl.kubernetes.io/last-applied-configuration': '{}',
      'deployment.kubernetes.io/revision': '4',
      'meta.helm.sh/release-name': 'podinfo',
      owner: 'shop',
    }
    const { labels, annotations } = primaryOf(target).metadata
    expect(labels).toEqual({ tier: 'web' })
    expect(Object.keys(annotations ?? {}).sort()).toEqual(['autopilot.examples.io/version', 'owner'])
  })
})

test('a copy of a Service has its ports without the cluster-wide ones, and none of its addresses', () => {
  const target = podinfo()
  const apex = podinfoService()
  const { spec } = copyService(apex, target, adopt(canary('podinfo'), target, apex), 'canary').object
  expect(spec).toEqual({
    type: 'ClusterIP',
    selector: { app: 'podinfo-canary' },
    ports: [
      { name: 'http', port: 9898, targetPort: 'http', protocol: 'TCP' },
      { name: 'http-metrics', port: 9797, targetPort: 'http-metrics', protocol: 'TCP' },
    ],
  })
})

test.each([
  [2, undefined, false],
  [1, '25%', false],
  [4, '100%', true],
  [2, 1, false],
  [2, 2, true],
])('%i replicas with maxUnavailable %s: an update may lose all of them: %s', (replicas, maxUnavailable, all) => {
  const target = podinfo({ replicas })
  if (target.spec) target.spec.strategy = maxUnavailable === undefined ? {} : { rollingUpdate: { maxUnavailable } }
  expect(losesAllWhenUpdated(target)).toBe(all)
})

describe('of two claims on one target', () => {
  const at = (name: string, creationTimestamp: string, fields = {}) => {
    const resource = canary(name, fields)
    return { ...resource, metadata: { ...resource.metadata, creationTimestamp } }
  }
  const first = at('first', '2026-01-01T00:00:00Z')
  const second = at('second', '2026-01-01T00:00:01Z')

  test('the earlier one counts, and in one second the uid decides, so that never both give way', () => {
    expect(rivalOf(second, [first, second])?.metadata.name).toBe('first')
    expect(rivalOf(first, [first, second])).toBeUndefined()
    const twin = at('a', first.metadata.creationTimestamp)
    const sides = [rivalOf(first, [first, twin]), rivalOf(twin, [first, twin])]
    expect(sides.filter((rival) => rival === undefined)).toHaveLength(1)
  })

  test('one that has taken over already counts whenever it was made', () => {
    const adopted = adopt(second, podinfo(), podinfoService())
    expect(rivalOf(first, [first, { ...second, status: { adopted } }])?.metadata.name).toBe('second')
  })

  test('a shared Service is a shared target, another target is none', () => {
    const other = (fields: object) => at('zzz', '2026-01-02T00:00:00Z', fields)
    expect(rivalOf(other({ deployment: 'web', service: 'podinfo' }), [first])?.metadata.name).toBe('first')
    expect(rivalOf(other({ deployment: 'web' }), [first])).toBeUndefined()
  })
})
