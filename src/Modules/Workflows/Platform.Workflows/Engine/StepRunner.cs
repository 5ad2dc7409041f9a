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

/// <summary>Evaluates what a step takes, and does it once: in a scope of its own, as the workflow's owner, within its time.</summary>
internal sealed class StepRunner(StepTypes types, IServiceScopeFactory scopes, ILogger<StepRunner> logger)
{
    public IStepType? TypeOf(StepDefinition step) => types.Find(step.Type);

    /// <summary>Whether the step's <c>when</c> holds.</summary>
    public static bool IsWanted(StepDefinition step, ExpressionScope scope)
    {
        if (step.When is not { } when)
        {
            return true;
        }

        using var engine = new ExpressionEngine(scope);
        return Truth.Of(engine.Evaluate(Template.Unwrap(when)));
    }

    /// <summary>The list that a step with <c>for_each</c> goes over.</summary>
    public static JsonArray Items(StepDefinition step, ExpressionScope scope)
    {
        using var engine = new ExpressionEngine(scope);
        return engine.Evaluate(Template.Unwrap(step.ForEach!)) as JsonArray
            ?? throw new ExpressionException("for_each_not_a_list", "for_each did not give a list.");
    }

    /// <summary>What the step takes, with its expressions evaluated.</summary>
    public static JsonObject Input(StepDefinition step, ExpressionScope scope)
    {
        if (step.With is not { } with)
        {
            return [];
        }

        using var engine = new ExpressionEngine(scope);
        return Template.Evaluate(with, engine.Evaluate) as JsonObject ?? [];
    }

    /// <summary>Does a step that has no effect outside.</summary>
    public StepResult Compute(IStepType type, StepContext context)
    {
        try
        {
            // A pure step has nothing to wait for: its task has ended when it is given back.
            var task = type.ExecuteAsync(context, CancellationToken.None);
            return task.IsCompleted
                ? task.GetAwaiter().GetResult()
                : throw new InvalidOperationException($"The step type {type.Type} says that it is pure, and is not.");
        }
        catch (Exception exception)
        {
            return Explain(context, exception);
        }
    }

    /// <summary>Does a step that may have an effect outside.</summary>
    public async Task<StepResult> ExecuteAsync(
        IStepType type, StepDefinition step, Func<IServiceProvider, StepContext> contextOf, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = contextOf(scope.ServiceProvider);
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(context.Run.UserId);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(step.Timeout);
        try
        {
            return await type.ExecuteAsync(context, timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new StepResult.Failed("step_timeout", $"The step took longer than {step.Timeout.TotalSeconds} s.", IsRetryable: true);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception)
        {
            return Explain(context, exception);
        }
    }

    /// <summary>What an exception means for the step.</summary>
    public StepResult.Failed Explain(StepContext context, Exception exception)
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
                logger.StepFailed(exception, context.ExecutionId, context.Key);
                return new StepResult.Failed("step_failed", "The step failed on our side.", IsRetryable: true);
        }
    }
}
