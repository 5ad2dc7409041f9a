alter table dashboards.alerts add column webhook_secret_sealed text
  constraint alerts_webhook_secret_sealed_length check (char_length(webhook_secret_sealed) <= 2000);
comment on column dashboards.alerts.webhook_secret_sealed is 'What calls of the webhook are signed with, sealed under the owner''s data key.';
