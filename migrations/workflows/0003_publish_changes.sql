alter publication supabase_realtime add table workflows.workflow_executions, workflows.execution_steps;
