using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Contracts.Commands;
using Platform.Artifacts.Contracts.Queries;
using Platform.Artifacts.Domain;
using Platform.Artifacts.Features.Artifacts;
using Platform.Artifacts.Persistence;
using Platform.SharedKernel.Paging;

namespace Platform.Artifacts.Integration;

internal sealed class FindArtifactValidator : AbstractValidator<FindArtifactQuery>
{
    public FindArtifactValidator() => RuleFor(query => query.Name).NotEmpty().MaximumLength(Artifact.MaxNameLength);
}

internal sealed class FindArtifactHandler(ArtifactsDbContext db) : IRequestHandler<FindArtifactQuery, ArtifactResponse?>
{
    public Task<ArtifactResponse?> Handle(FindArtifactQuery request, CancellationToken cancellationToken) =>
        db.Artifacts.AsNoTracking()
            .Where(artifact => artifact.Name == request.Name)
            .OrderByDescending(artifact => artifact.Id)
            .Select(artifact => ArtifactMapping.ToResponse(artifact, new RowVersion(EF.Property<uint>(artifact, "xmin"))))
            .FirstOrDefaultAsync(cancellationToken);
}
