import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { read } from '../../client/call.ts';
import { currencyQuery } from '../../client/settings.ts';
import { parseTimeMs } from '../../format.ts';
import { ChangeHistory } from '../../parts/ChangeHistory.tsx';
import { TextField } from '../../parts/FormDialog.tsx';
import { NumberField } from '../../parts/fields.tsx';
import { ErrorState } from '../../parts/States.tsx';
import { Time } from '../../parts/Time.tsx';
import { say } from '../../parts/Toasts.tsx';
import { useMay } from '../../parts/use-may.ts';
import { PriceBook, UnpricedModels } from '../PriceBook.tsx';

/** What tokens cost here, who set it, and in which currency it is shown. */
export function Prices() {
  const mayReadAudit = useMay('governance:read');
  return (
    <>
      <p className="quiet">
        Calls are priced when they come, from the list prices of the models’ makers and from your
        own, which go first. What was spent is on{' '}
        <Link to="/costs" className="link">
          the page of costs
        </Link>
        .
      </p>
      <UnpricedModels />
      <PriceBook />
      {mayReadAudit && (
        <ChangeHistory of={{ target_kind: 'price' }} title="History of prices" naming />
      )}
      <DisplayCurrency />
    </>
  );
}

function DisplayCurrency() {
  const currency = useQuery(currencyQuery);
  if (currency.isError) {
    return (
      <section className="panel">
        <ErrorState error={currency.error} what="The currency cannot be read" />
      </section>
    );
  }
  if (currency.data === undefined) return null;
  const { currency: code, rate, since } = currency.data;
  return <CurrencyForm key={`${code} ${rate} ${since}`} saved={currency.data} />;
}

function CurrencyForm(props: {
  readonly saved: {
    readonly currency: string;
    readonly rate: number;
    readonly since: string | null;
  };
}) {
  const { saved } = props;
  const [currency, setCurrency] = useState(saved.currency);
  const [rate, setRate] = useState<number | null>(saved.rate);
  const mayGovern = useMay('governance:write');
  const code = currency.trim().toUpperCase();
  const save = useSaveCurrency({ code, rate });
  return (
    <form
      className="panel"
      aria-label="Display currency"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <header>
        <h2>Display currency</h2>
        <span className="faint">
          {saved.since === null ? (
            'US dollars alone'
          ) : (
            <>
              since <Time ms={parseTimeMs(saved.since)} />
            </>
          )}
        </span>
      </header>
      <fieldset className="settings-form plain" disabled={!mayGovern}>
        <TextField label="Currency, as EUR" value={currency} onChange={setCurrency} />
        <NumberField
          label="One US dollar is so much of it"
          value={code === 'USD' ? 1 : rate}
          least={0}
          disabled={code === 'USD'}
          onChange={setRate}
        />
        {mayGovern && (
          <button
            type="submit"
            className="button primary"
            disabled={!/^[A-Z]{3}$/.test(code) || save.isPending || (rate ?? 0) <= 0}
          >
            Save
          </button>
        )}
        {save.isError && (
          <p className="notice stop" role="alert">
            {save.error.message}
          </p>
        )}
      </fieldset>
    </form>
  );
}

function useSaveCurrency({ code, rate }: { readonly code: string; readonly rate: number | null }) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      read('PUT /api/v1/settings/display-currency', {
        body: { currency: code, rate: code === 'USD' ? 1 : (rate ?? 0) },
      }),
    onSuccess: () => say('Amounts are shown in it beside US dollars.'),
    onSettled: () =>
      Promise.all(
        ['display-currency', 'costs', 'audit-log'].map((first) =>
          queries.invalidateQueries({ queryKey: [first] }),
        ),
      ),
  });
}
