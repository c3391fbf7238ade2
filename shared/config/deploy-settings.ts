import { type DeploySettings, FOREIGN_TARGET, type StrategySettings, type TargetSettings } from '../model/index.ts';
import type { DeployOutput } from './schema/deploy.ts';
import type { StrategyOutput } from './schema/strategy.ts';
import type { TargetOutput } from './schema/target.ts';
import { toJson } from './to-json.ts';

/** The checked keys of a file as the settings that other rooms read. */
export function toDeploySettings(from: DeployOutput): DeploySettings {
  const { metrics } = from.verify;
  return {
    target: from.target === undefined ? FOREIGN_TARGET : toTarget(from.target),
    strategy: toStrategy(from.strategy),
    verify: {
      http: from.verify.http.map(({ url, status, within }) => ({ url, status, withinMs: within })),
      metrics: metrics === undefined ? undefined : toJson(metrics),
    },
    rollback: from.rollback,
    hooks: from.hooks,
    timeoutMs: from.timeout,
  };
}

function toTarget(from: TargetOutput): TargetSettings {
  switch (from.kind) {
    case 'local':
      return { kind: 'local', directory: from.directory, port: from.port };
    case 'command': {
      const { deploy, status, rollback, remove } = from;
      return { kind: 'command', deploy, status, rollback, remove };
    }
    case 'kubernetes': {
      const { namespace, workload, container, manifests, render, context, kubeconfig, prune } = from;
      const where = { namespace, workload, container, context, kubeconfig };
      return { kind: 'kubernetes', ...where, manifests, render, folder: undefined, prune };
    }
    case 'gitops': {
      const { repository, branch, file, key, write, wait } = from;
      const format = from.format ?? formatOf(file);
      return {
        kind: 'gitops',
        repository,
        branch,
        file,
        key,
        kustomizeImage: from['kustomize-image'],
        format,
        write,
        wait,
      };
    }
  }
}

function formatOf(file: string): 'yaml' | 'json' | 'tfvars' {
  if (/\.tfvars$/i.test(file)) return 'tfvars';
  return /\.json$/i.test(file) ? 'json' : 'yaml';
}

function toStrategy(from: StrategyOutput): StrategySettings {
  switch (from.kind) {
    case 'rolling':
      return { kind: 'rolling' };
    case 'canary': {
      const steps = from.steps.map(({ weight, hold }) => ({ weight, holdMs: hold }));
      return { kind: 'canary', steps, traffic: from.traffic };
    }
    case 'blue-green':
      return { kind: 'blue-green', keepWarmMs: from['keep-warm'] };
  }
}
