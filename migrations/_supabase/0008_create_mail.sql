-- Mails on their way. A mail is stored in the transaction that makes its token, so that neither exists without the other. With a
-- mail server a row lives until it is delivered; without one the newest stay, to be read in the inbox. Row level security is forced
-- without a policy: mails hold tokens, and only the auth service (bypassrls) reads them.

create schema mail authorization supabase_auth_admin;
set local role supabase_auth_admin;

create table mail.letters (
  id uuid not null,
  kind text not null,
  sender text not null,
  recipient text not null,
  subject text not null,
  text_body text not null,
  html_body text not null,
  created_at timestamptz not null,
  attempts integer not null default 0,
  next_attempt_at timestamptz,      -- null: this mail stays in the inbox
  constraint letters_pkey primary key (id)
);
create index letters_created_at_idx on mail.letters (created_at desc, id desc) where next_attempt_at is null;
create index letters_recipient_idx on mail.letters (recipient, created_at desc) where next_attempt_at is null;
create index letters_next_attempt_at_idx on mail.letters (next_attempt_at) where next_attempt_at is not null;

alter table mail.letters enable row level security;
alter table mail.letters force row level security;

reset role;
