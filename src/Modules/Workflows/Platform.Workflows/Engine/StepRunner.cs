using System.Text.Json.Nodes;
using FluentValidation;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Egress;
using Platform.Workflows.Definitions;
using Platform.Workflows.Expressions;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Engine;

/// <summary>What a run of a step came to; a null result means that <c>when</c> did not hold.</summary>
internal sealed record StepOutcome(StepDefinition Step, StepResult? Result, JsonNode? Input);

/// <summary>Runs one step: evaluates its input, and does it in a scope of its own as the workflow's owner.</summary>
internal sealed class StepRunner(StepTypes types, IServiceScopeFactory scopes, ILogger<StepRunner> logger)
{
    private const int MaxItems = 1000;
    private const int MaxOutputBytes = 1024 * 1024;

    public async Task<StepOutcome> RunAsync(
        ExecutionRun run, StepDefinition step, JsonObject scope, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(step.Timeout);
        JsonNode? input = null;
        try
        {
            using var engine = new ExpressionEngine(scope);
            if (step.When is { } when && !Truth.Of(engine.Evaluate(Template.Unwrap(when))))
            {
                return new StepOutcome(step, null, null);
            }

            if (types.Find(step.Type) is not { } type)
            {
                return Failed(step, "step_type_unknown", $"There is no step type '{step.Type}' any more.", null);
            }

            if (step.ForEach is null)
            {
                input = Evaluate(step, engine);
                return Bounded(step, await ExecuteAsync(run, type, input, step.Key, timeout.Token), input);
            }

            return await RunItemsAsync(run, step, type, scope, engine, timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new StepOutcome(
                step, new StepResult.Failed("step_timeout", $"The step took longer than {step.Timeout.TotalSeconds} s.", IsRetryable: true), input);
        }
        catch (OperationCanceledException)
        {
            throw;
        }
        catch (Exception exception)
        {
            return new StepOutcome(step, Explain(run, step, exception), input);
        }
    }

    private async Task<StepOutcome> RunItemsAsync(
        ExecutionRun run, StepDefinition step, IStepType type, JsonObject scope, ExpressionEngine engine, CancellationToken cancellationToken)
    {
        if (engine.Evaluate(Template.Unwrap(step.ForEach!)) is not JsonArray items)
        {
            return Failed(step, "for_each_not_a_list", "for_each did not give a list.", null);
        }

        if (items.Count > MaxItems)
        {
            return Failed(step, "for_each_too_long", $"for_each gave more than {MaxItems} items.", null);
        }

        var outputs = new JsonArray();
        for (var index = 0; index < items.Count; index++)
        {
            scope["item"] = items[index]?.DeepClone();
            using var itemEngine = new ExpressionEngine(scope);
            var input = Evaluate(step, itemEngine);
            if (await ExecuteAsync(run, type, input, $"{step.Key}:{index}", cancellationToken) is not StepResult.Completed completed)
            {
                return Failed(step, "for_each_item_failed", $"Item {index} failed.", input);
            }

            outputs.Add(completed.Output?.DeepClone());
        }

        return Bounded(step, new StepResult.Completed(outputs), new JsonObject { ["items"] = items.Count });
    }

    private async Task<StepResult> ExecuteAsync(
        ExecutionRun run, IStepType type, JsonNode input, string part, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(run.UserId);
        var context = new StepContext(input.AsObject(), run.ExecutionId, $"{run.ExecutionId}:{part}", scope.ServiceProvider);
        return await type.ExecuteAsync(context, cancellationToken);
    }

    private static JsonNode Evaluate(StepDefinition step, ExpressionEngine engine) =>
        step.With is { } with ? Template.Evaluate(with, engine.Evaluate) ?? new JsonObject() : new JsonObject();

    private static StepOutcome Bounded(StepDefinition step, StepResult result, JsonNode? input) =>
        result is StepResult.Completed { Output: { } output } && output.ToJsonString().Length > MaxOutputBytes
            ? Failed(step, "step_output_too_large", "The step gave more than 1 MiB.", input)
            : new StepOutcome(step, result, input);

    private static StepOutcome Failed(StepDefinition step, string code, string message, JsonNode? input) =>
        new(step, new StepResult.Failed(code, message), input);

    private StepResult.Failed Explain(ExecutionRun run, StepDefinition step, Exception exception)
    {
        switch (exception)
        {
            case ExpressionException expression:
                return new StepResult.Failed(expression.Code, expression.Message);
            case ValidationException validation:
                return new StepResult.Failed("step_input_invalid", string.Join(" ", validation.Errors.Select(error => error.ErrorMessage)));
            case EgressDeniedException denied:
                return new StepResult.Failed("address_not_allowed", denied.Message);
            case NotFoundException or RuleViolationException or ForbiddenException:
                return new StepResult.Failed(((PlatformException)exception).Code, exception.Message);
            case PlatformException refused:
                return new StepResult.Failed(refused.Code, refused.Message, IsRetryable: true);
            default:
                logger.StepFailed(exception, run.ExecutionId, step.Key);
                return new StepResult.Failed("step_failed", "The step failed on our side.", IsRetryable: true);
        }
    }
}
