import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { read } from '../client/call.ts';
import { pricesQuery, unpricedQuery } from '../client/costs.ts';
import type { Price, Unpriced } from '../client/costs.ts';
import { formatCompact, formatCount, parseTimeMs } from '../format.ts';
import { ConfirmButton } from '../parts/ConfirmButton.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import type { Column } from '../parts/DataTable.tsx';
import { FormDialog, TextField } from '../parts/FormDialog.tsx';
import { Foreign } from '../parts/Foreign.tsx';
import { EmptyState } from '../parts/States.tsx';
import { Time } from '../parts/Time.tsx';
import { say } from '../parts/Toasts.tsx';
import { useMay } from '../parts/use-may.ts';
import './PriceBook.css';
import './settings/Settings.css';

/** Models that were called and have no known price; nothing of them is in any sum until they have one. */
export function UnpricedModels() {
  const unpriced = useQuery(unpricedQuery);
  const mayGovern = useMay('governance:write');
  const [pricing, setPricing] = useState<Unpriced>();
  if (unpriced.data === undefined || unpriced.data.length === 0) return null;
  const act: Column<Unpriced> = {
    id: 'act',
    head: <span className="visually-hidden">Set a price</span>,
    className: 'num',
    cell: (model) => (
      <button type="button" className="button small" onClick={() => setPricing(model)}>
        Set a price
      </button>
    ),
  };
  return (
    <section className="panel" aria-label="Unpriced models">
      <header>
        <h2>Unpriced models</h2>
        <span className="faint">in no sum until they have a price</span>
      </header>
      <DataTable
        what="The unpriced models"
        columns={mayGovern ? [...UNPRICED, act] : UNPRICED}
        rows={unpriced.data}
        rowKey={({ provider, model }) => `${provider} ${model}`}
        empty={null}
      />
      {pricing !== undefined && (
        <PriceDialog
          model={pricing.model}
          provider={pricing.provider}
          since={pricing.first_seen}
          onClose={() => setPricing(undefined)}
        />
      )}
    </section>
  );
}

const UNPRICED: readonly Column<Unpriced>[] = [
  {
    id: 'model',
    head: 'Model',
    className: 'clip',
    cell: ({ model, provider }) => (
      <>
        <span className="mono">
          {model === '' ? 'names no model' : <Foreign text={model} charactersMax={80} />}
        </span>{' '}
        <span className="faint">
          <Foreign text={provider} charactersMax={40} />
        </span>
      </>
    ),
  },
  { id: 'calls', head: 'Calls', className: 'num', cell: ({ calls }) => formatCount(calls) },
  {
    id: 'tokens',
    head: 'Tokens',
    className: 'num wide',
    cell: (model) => `${formatCompact(model.input_tokens)} → ${formatCompact(model.output_tokens)}`,
  },
  {
    id: 'agents',
    head: 'Agents',
    className: 'wide quiet clip cut',
    cell: ({ agents }) => <Foreign text={agents.join(', ')} charactersMax={80} />,
  },
  {
    id: 'seen',
    head: 'Last seen',
    className: 'num wide quiet',
    cell: (model) => <Time ms={parseTimeMs(model.last_seen)} ago />,
  },
];

/** The prices that the project set; they go before the list prices of the library. */
export function PriceBook() {
  const prices = useQuery(pricesQuery);
  const mayGovern = useMay('governance:write');
  const [adding, setAdding] = useState(false);
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: ({ id }: Price) => read('DELETE /api/v1/prices/{id}', { params: { id } }),
    onError: (error) => say(`Not removed: ${error.message}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['prices'] }),
  });
  const act: Column<Price> = {
    id: 'act',
    head: <span className="visually-hidden">Remove</span>,
    className: 'num',
    cell: (price) => (
      <ConfirmButton
        label="Remove"
        sure="Use list prices again"
        onSure={() => remove.mutate(price)}
      />
    ),
  };
  return (
    <section className="panel" aria-label="Prices">
      <header>
        <h2>Own prices</h2>
        {mayGovern && (
          <button type="button" className="button small" onClick={() => setAdding(true)}>
            Set a price
          </button>
        )}
      </header>
      <DataTable
        what="The prices"
        columns={mayGovern ? [...PRICES, act] : PRICES}
        rows={prices.data}
        rowKey={({ id }) => id}
        error={prices.error}
        empty={
          <EmptyState title="List prices hold for every model">
            <p className="quiet">
              A price of your own, as of a contract or a model that you run, goes before them.
            </p>
          </EmptyState>
        }
      />
      {adding && (
        <PriceDialog model="" provider="" since={undefined} onClose={() => setAdding(false)} />
      )}
    </section>
  );
}

const PRICES: readonly Column<Price>[] = [
  {
    id: 'model',
    head: 'Model',
    className: 'clip mono',
    cell: ({ model }) => <Foreign text={model} charactersMax={80} />,
  },
  {
    id: 'provider',
    head: 'Provider and tier',
    className: 'wide quiet',
    cell: ({ provider, tier }) => [provider || 'any', tier].filter(Boolean).join(', '),
  },
  {
    id: 'from',
    head: 'From',
    className: 'num wide quiet',
    cell: ({ from }) => (Date.parse(from) === 0 ? 'always' : <Time ms={parseTimeMs(from)} />),
  },
  ...(['input', 'output', 'cache_read', 'cache_write'] as const).map((kind): Column<Price> => ({
    id: kind,
    head: {
      input: 'Input',
      output: 'Output',
      cache_read: 'Cache read',
      cache_write: 'Cache write',
    }[kind],
    className: kind.startsWith('cache') ? 'num wide middle' : 'num',
    cell: ({ prices }) => (prices[kind] === null ? '—' : `$${prices[kind]}`),
  })),
];

const RATES = [
  ['input', 'Input'],
  ['output', 'Output'],
  ['cache_read', 'Read from cache'],
  ['cache_write', 'Written to cache'],
] as const;

function PriceDialog(props: {
  readonly model: string;
  readonly provider: string;
  /** When the model was first called; what came since is priced anew. */
  readonly since: string | undefined;
  readonly onClose: () => void;
}) {
  const { since, onClose } = props;
  const [model, setModel] = useState(props.model);
  const [rates, setRates] = useState<Readonly<Record<string, string>>>({});
  const set = useSetPrice({ model, provider: props.provider, rates, since, onSet: onClose });
  return (
    <FormDialog
      title="Set a price"
      verb={since === undefined ? 'Set' : 'Set, and price its calls'}
      ready={model.trim() !== ''}
      sending={set}
      onSend={() => set.mutate()}
      onClose={onClose}
    >
      <TextField
        label="Model, or a pattern such as our-model-*"
        value={model}
        first
        onChange={setModel}
      />
      <p className="quiet">
        US dollars per million tokens; a part left out costs what the whole costs.
      </p>
      <div className="settings-form price-rates">
        {RATES.map(([kind, label]) => (
          <TextField
            key={kind}
            label={label}
            value={rates[kind] ?? ''}
            decimal
            onChange={(text) => setRates({ ...rates, [kind]: text })}
          />
        ))}
      </div>
    </FormDialog>
  );
}

function useSetPrice(price: {
  readonly model: string;
  readonly provider: string;
  readonly rates: Readonly<Record<string, string>>;
  readonly since: string | undefined;
  readonly onSet: () => void;
}) {
  const { model, provider, rates, since } = price;
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const given = Object.entries(rates).filter(([, text]) => text.trim() !== '');
      await read('POST /api/v1/prices', {
        body: {
          model: model.trim(),
          ...(provider === '' ? {} : { provider }),
          prices: Object.fromEntries(given.map(([kind, text]) => [kind, text.trim()])),
        },
      });
      if (since === undefined) return;
      await read('POST /api/v1/runs/rebuild', {
        body: { from: since, to: new Date().toISOString(), reprice: true },
      });
    },
    onSuccess: () => {
      say(since === undefined ? 'The price holds.' : 'The price holds; its calls are priced anew.');
      price.onSet();
    },
    onSettled: () =>
      Promise.all(
        ['prices', 'costs'].map((first) => queries.invalidateQueries({ queryKey: [first] })),
      ),
  });
}
