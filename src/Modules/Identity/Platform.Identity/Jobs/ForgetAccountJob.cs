using Hangfire;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Identity.Contracts.Events;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Jobs;

/// <summary>
/// Says once more that an account was deleted, when all that was running for it has ended: a token lives for some seconds after its
/// session, and a running job may write once more.
/// </summary>
internal sealed class ForgetAccountJob(IServiceScopeFactory scopes)
{
    [Queue("maintenance")]
    public async Task RunAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(userId);
        await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new ForgetAccountCommand(), cancellationToken);
    }
}

internal sealed record ForgetAccountCommand : ICommand;

internal sealed class ForgetAccountHandler(IdentityDbContext db, ICurrentCaller caller) : RequestHandler<ForgetAccountCommand>
{
    protected override void Handle(ForgetAccountCommand request) => db.Publish(new UserDeletedIntegrationEvent(caller.UserId));
}
