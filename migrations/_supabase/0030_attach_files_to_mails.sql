-- Files that go with a mail, for as long as the mail is kept. Closed as the mails are: only the auth service (bypassrls) reads them.
set local role supabase_auth_admin;

create table mail.attachments (
  letter_id uuid not null references mail.letters (id) on delete cascade,
  position integer not null,
  name text not null,
  media_type text not null,
  content bytea not null,
  constraint attachments_pkey primary key (letter_id, position)
);
alter table mail.attachments enable row level security;
alter table mail.attachments force row level security;

reset role;
