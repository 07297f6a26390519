import { expect, test } from 'vitest'
import { evidenceIn, proofPage } from '../../generators/proof-table.ts'
import { featureNames } from '../../src/mesh/check.ts'
import { istio, smi } from '../adapters/adapters.ts'

const proves = (by: string, ...features: string[]) => ({ proves: [{ mesh: 'istio', by, features }] })
const report = {
  testResults: [
    {
      assertionResults: [
        { status: 'passed', meta: proves('laws', 'weightedSplit', 'mirror') },
        { status: 'passed', meta: proves('proxy', 'weightedSplit') },
        { status: 'failed', meta: proves('crds', 'weightedSplit') },
        { status: 'passed', meta: {} },
      ],
    },
  ],
}

test('a cell tells by which passed tests a feature is shown, and nothing of tests that failed', () => {
  const page = proofPage(featureNames, [istio, smi], evidenceIn(report))
  expect(page).toContain('| feature | what it is | istio | smi |\n')
  expect(page).toContain('| `weightedSplit` | a weighted split | L P |  |\n')
  expect(page).toContain('| `mirror` | copies of requests | L | refused |\n')
  expect(page).toContain('| `timeout` | a timeout |  | refused |\n')
})
