import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../shared/io/clock.ts';
import type { Clock, KubernetesTargetSettings, Lease, Release, Target } from '../../../../shared/model/index.ts';
import { createTarget } from '../../../../shared/targets/index.ts';
import { ImageShelf } from '../../../support/image-shelf.ts';
import { FakeApi } from '../../../support/kubernetes/fake-api.ts';
import { FakeRollouts } from '../../../support/kubernetes/fake-rollouts.ts';

export const WEB = '/apis/apps/v1/namespaces/shop/deployments/web';
export const LEASE = '/apis/coordination.k8s.io/v1/namespaces/shop/leases/slipway-deployment-web';
export const REPOSITORY = 'registry.example/shop/web';
export const never = new AbortController().signal;

/** Waits are shorter than they say; the time that is told is right. */
export const fast: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 10), signal),
};

/** A fake cluster with one Deployment, which another tool has made, and a controller that rolls it out. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'slipway-kubernetes-'));
  readonly learned: string[] = [];
  readonly api: FakeApi;
  readonly rollouts: FakeRollouts;

  private constructor(api: FakeApi) {
    this.api = api;
    this.rollouts = new FakeRollouts(api);
  }

  static async make(spec: object = {}): Promise<Place> {
    const place = new Place(await FakeApi.start());
    writeFileSync(join(place.folder, 'config'), place.api.kubeconfig());
    place.api.put(WEB, {
      metadata: {},
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        template: { spec: { containers: [{ name: 'web', image: `${REPOSITORY}:old` }] } },
        ...spec,
      },
    });
    await turns();
    return place;
  }

  target(settings: Partial<KubernetesTargetSettings> = {}, clock: Clock = fast): Target {
    return createTarget(this.settings(settings), {
      registry: new ImageShelf().registry,
      clock,
      random: Math.random,
      env: { PATH: process.env['PATH'] },
      learn: (secret) => this.learned.push(secret),
      root: this.folder,
    });
  }

  settings(more: Partial<KubernetesTargetSettings> = {}): KubernetesTargetSettings {
    return {
      kind: 'kubernetes',
      namespace: undefined,
      workload: 'deployment/web',
      container: undefined,
      manifests: [],
      render: undefined,
      folder: 'service',
      context: undefined,
      kubeconfig: join(this.folder, 'config'),
      prune: false,
      ...more,
    };
  }

  release(version: string): Release {
    return {
      image: { repository: REPOSITORY, digest: digestOf(version) },
      commit: 'c'.repeat(40),
      version,
      event: `event-of-${version}`,
      since: '2026-03-02T12:00:00.000Z',
      by: 'dana',
      target: this.settings(),
    };
  }

  get image(): unknown {
    return this.api.at(WEB, 'spec.template.spec.containers.0.image');
  }

  async clear(): Promise<void> {
    await this.api.stop();
    rmSync(this.folder, { recursive: true });
  }
}

export const digestOf = (version: string) => `sha256:${Buffer.from(version).toString('hex').padEnd(64, '0')}` as const;
export const imageOf = (version: string): string => `${REPOSITORY}@${digestOf(version)}`;

export const owner = (id: string) => ({ id, url: undefined });

export async function held(target: Target, id = 'run-1', force = false): Promise<Lease> {
  const acquired = await target.acquire(owner(id), { force });
  if (acquired.kind === 'busy') throw new Error(`busy: ${acquired.holder.id}`);
  return acquired.lease;
}

/** Brings a release to where it runs and has settled. */
export async function settled(lease: Lease, release: Release): Promise<void> {
  await lease.prepare(release);
  await lease.apply(release, 'steady');
  const readiness = await lease.ready(never, () => {});
  if (readiness.kind === 'failed') throw new Error(readiness.sentence);
  await lease.settle();
}

export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
