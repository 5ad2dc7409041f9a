-- How many mails a person's workflows have sent within an hour is asked before each of them.
create index execution_steps_of_mails on workflows.execution_steps (user_id, completed_at) where type = 'send_email';
