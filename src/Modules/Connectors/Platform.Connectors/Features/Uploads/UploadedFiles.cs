using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Platform.Connectors.Types.Files;
using Platform.SharedKernel.Callers;

namespace Platform.Connectors.Features.Uploads;

/// <summary>
/// Uploads from the module's table and Storage. Asks as the connector's owner, in a scope of its own: types live longer than requests.
/// </summary>
internal sealed class UploadedFiles(IServiceScopeFactory scopes, ConnectorStorage storage) : IUploadedFiles
{
    public async Task<UploadedFile?> FindAsync(Guid ownerId, Guid uploadId, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<ICurrentCaller>().Caller = Caller.User(ownerId);
        return await scope.ServiceProvider.GetRequiredService<IMediator>().Send(new FindUploadQuery(uploadId), cancellationToken);
    }

    public Task CopyToAsync(UploadedFile file, Stream target, CancellationToken cancellationToken) =>
        storage.DownloadAsync(ConnectorStorage.Uploads, file.StoragePath, target, cancellationToken);
}
