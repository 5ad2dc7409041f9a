using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.SharedKernel.Infrastructure.Database;
using Platform.SharedKernel.Infrastructure.Http;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.SharedKernel.Infrastructure.Pipeline;

/// <summary>
/// One transaction a command, begun with its first statement and committed when the handler has returned; read-only statements for a
/// query. With an <c>Idempotency-Key</c> the answer is stored in the same transaction as the effect.
/// </summary>
internal sealed class UnitOfWorkBehavior<TRequest, TResponse>(
    DbSession session, IdempotencyGuard idempotency, ModuleRegistry modules, IServiceProvider services)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
{
    private const int MaxAttempts = 10;

    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        request switch
        {
            ICommandBase => RunCommandAsync(next, cancellationToken),
            IQueryBase => RunQueryAsync(next),
            _ => throw new InvalidOperationException($"{typeof(TRequest).Name} is neither a command nor a query."),
        };

    private async Task<TResponse> RunQueryAsync(RequestHandlerDelegate<TResponse> next)
    {
        var outer = session.Mode;
        session.Mode = UnitOfWorkMode.Query;
        try
        {
            return await next();
        }
        finally
        {
            session.Mode = outer;
        }
    }

    private async Task<TResponse> RunCommandAsync(RequestHandlerDelegate<TResponse> next, CancellationToken cancellationToken)
    {
        if (session.Mode != UnitOfWorkMode.None)
        {
            throw new InvalidOperationException(
                $"{typeof(TRequest).Name} was sent from inside another message: two transactions cannot be atomic. Publish an event instead.");
        }

        for (var attempt = 1; ; attempt++)
        {
            session.Mode = UnitOfWorkMode.Command;
            try
            {
                return await AttemptAsync(next, cancellationToken);
            }
            catch (Exception exception) when (attempt < MaxAttempts && session.IsWorthRepeating(exception))
            {
                // Somebody else changed the same row first: the whole command runs again on what stands now, so both edits are kept.
                await session.RollbackAsync();
                await Task.Delay(Random.Shared.Next(1, 8 * attempt), cancellationToken);
            }
            catch
            {
                await session.RollbackAsync();
                throw;
            }
            finally
            {
                session.Mode = UnitOfWorkMode.None;
            }
        }
    }

    private async Task<TResponse> AttemptAsync(RequestHandlerDelegate<TResponse> next, CancellationToken cancellationToken)
    {
        var (replayed, stored) = await ReplayAsync(cancellationToken);
        if (replayed)
        {
            await session.RollbackAsync();
            return stored!;
        }

        var response = await next();
        if (idempotency.IsRequested)
        {
            idempotency.Store(ModuleContext(), response);
        }

        await session.CommitAsync(cancellationToken);
        idempotency.Complete();
        return response;
    }

    private async Task<(bool Replayed, TResponse? Response)> ReplayAsync(CancellationToken cancellationToken) =>
        idempotency.IsRequested
            ? await idempotency.FindAsync<TResponse>(ModuleContext(), cancellationToken)
            : (false, default);

    private ModuleDbContext ModuleContext() =>
        (ModuleDbContext)services.GetRequiredService(modules.OwnerOf(typeof(TRequest)).ContextType);
}
