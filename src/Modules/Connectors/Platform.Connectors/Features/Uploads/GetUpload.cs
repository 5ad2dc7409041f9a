using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Platform.Connectors.Persistence;
using Platform.Connectors.Types.Files;
using Platform.SharedKernel.Errors;
using Platform.SharedKernel.Infrastructure.Modules;
using Platform.SharedKernel.Messages;

namespace Platform.Connectors.Features.Uploads;

internal sealed class GetUploadEndpoint : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/{id:guid}", HandleAsync).WithName("GetUpload").WithSummary("Read what is known of an upload");

    private static async Task<Ok<UploadResponse>> HandleAsync(Guid id, IMediator mediator, CancellationToken cancellationToken)
    {
        var file = await mediator.Send(new FindUploadQuery(id), cancellationToken)
            ?? throw new NotFoundException("upload_not_found", "There is no such upload.");
        return TypedResults.Ok(new UploadResponse(file.Id, file.Name, file.Bytes));
    }
}

internal sealed record FindUploadQuery(Guid Id) : IQuery<UploadedFile?>;

internal sealed class FindUploadHandler(ConnectorsDbContext db) : IRequestHandler<FindUploadQuery, UploadedFile?>
{
    public Task<UploadedFile?> Handle(FindUploadQuery request, CancellationToken cancellationToken) =>
        db.Uploads.AsNoTracking()
            .Where(upload => upload.Id == request.Id)
            .Select(upload => new UploadedFile(upload.Id, upload.Name, upload.Bytes, upload.Sha256, upload.FilePath))
            .SingleOrDefaultAsync(cancellationToken);
}
