using System.Text.Json.Nodes;
using Platform.Workflows.Domain;
using Platform.Workflows.Expressions;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Engine;

/// <summary>Takes in what steps came to, within bounds, and tells those who watch the execution.</summary>
internal sealed class StepOutcomes(ExecutionRun run)
{
    private const int MaxLength = 1024 * 1024;

    /// <summary>What a step takes, as it is stored.</summary>
    /// <exception cref="ExpressionException">It is too large, or holds what the database cannot.</exception>
    public static RawJson Storable(JsonObject input)
    {
        var json = RawJson.Of(input);
        return !json.IsStorable ? throw new ExpressionException("step_input_invalid", "The input holds a NUL character.")
            : json.Text.Length > MaxLength ? throw new ExpressionException("step_input_too_large", "The step would take more than 1 MiB.")
            : json;
    }

    /// <summary>Takes in a result of a step, or of one of its items.</summary>
    public void Apply(StepUnit unit, StepResult result)
    {
        var now = run.Now;
        switch (result)
        {
            case StepResult.Completed completed:
                Complete(unit, RawJson.Of(completed.Output), now);
                break;
            case StepResult.Waiting waiting:
                Wait(unit, waiting);
                break;
            case StepResult.Again:
                unit.LookAgain();
                break;
            case StepResult.Failed failed:
                Fail(unit, failed, now);
                break;
        }
    }

    /// <summary>Takes in that a step is not wanted, or has become impossible.</summary>
    public void Skip(StepUnit unit)
    {
        unit.Skip(run.Now);
        TellFinished(unit, run.Now);
    }

    /// <summary>Says that a step has begun; one that only looks again at what it waits for is not news.</summary>
    public void TellStarted(StepUnit unit)
    {
        if (unit.WaitsFor is null)
        {
            run.Tell("step.started", new { key = unit.Definition.Key, item = unit.Item, type = unit.Definition.Type, attempt = unit.Attempts });
        }
    }

    private void Complete(StepUnit unit, RawJson output, DateTimeOffset now)
    {
        if (output.Text.Length > MaxLength)
        {
            Fail(unit, new StepResult.Failed("step_output_too_large", "The step gave more than 1 MiB."), now);
        }
        else if (!output.IsStorable)
        {
            Fail(unit, new StepResult.Failed("step_output_invalid", "The step gave a NUL character."), now);
        }
        else
        {
            unit.Succeed(output, now);
            TellFinished(unit, now);
        }
    }

    private void Wait(StepUnit unit, StepResult.Waiting waiting)
    {
        var isNews = unit.WaitsFor is null || unit.WaitsFor != waiting.Signal;
        unit.Wait(waiting.Until, waiting.Signal);
        if (isNews)
        {
            run.Tell(
                "step.waiting",
                new { key = unit.Definition.Key, item = unit.Item, type = unit.Definition.Type, until = waiting.Until, signal = waiting.Signal });
        }
    }

    private void Fail(StepUnit unit, StepResult.Failed failed, DateTimeOffset now)
    {
        var error = new StepError(failed.Code, failed.Message.Replace("\0", "", StringComparison.Ordinal));
        if (unit.Definition.Retry is { } retry && failed.IsRetryable && unit.Attempts < retry.MaxAttempts)
        {
            Retry(unit, error, now + (failed.RetryAfter ?? retry.PauseAfter(unit.Attempts, Random.Shared.NextDouble())), now);
            return;
        }

        unit.Fail(error, now);
        run.Failed(unit);
        TellFinished(unit, now);
    }

    private void Retry(StepUnit unit, StepError error, DateTimeOffset at, DateTimeOffset now)
    {
        unit.RetryAt(error, at, now);
        run.Tell(
            "step.retrying",
            new
            {
                key = unit.Definition.Key,
                item = unit.Item,
                type = unit.Definition.Type,
                status = unit.Status,
                attempt = unit.Attempts,
                error,
                retry_at = unit.AvailableAt,
            });
    }

    private void TellFinished(StepUnit unit, DateTimeOffset now)
    {
        EngineTelemetry.StepEnded(unit, now);
        run.Tell(
            "step.finished",
            new
            {
                key = unit.Definition.Key,
                item = unit.Item,
                type = unit.Definition.Type,
                status = unit.Status,
                attempt = unit.Attempts,
                error = unit.Error,
                duration_ms = unit.StartedAt is { } started ? (long)(now - started).TotalMilliseconds : 0,
            });
    }
}
